from __future__ import annotations
import cProfile, pstats, time
from desk.portfolio.conftest import page
def test_profile(boss) -> None:
    for a in ("/loans/", "/portfolio/", "/loans/A1/", "/compare/"):
        page(boss, a)
        t=time.process_time(); w=time.perf_counter()
        for _ in range(10): page(boss, a)
        print(a, "cpu ms", round((time.process_time()-t)*100,1), "wall", round((time.perf_counter()-w)*100,1))
        p=cProfile.Profile(); p.enable()
        for _ in range(5): page(boss, a)
        p.disable()
        pstats.Stats(p).sort_stats("cumtime").print_stats(45)

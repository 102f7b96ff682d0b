"""`daihou serve`: the desk in the browser, as processes that are looked after: web, job worker, audit sealer, keepers of the log, of alerts and cases, senders."""

from __future__ import annotations

import ctypes
import errno
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from daihou.book.errors import DaihouError
from daihou.cli.browser import show
from daihou.cli.desk import ask_database, bring_up_to_date, collect_static, django_ready
from daihou.cli.language import text
from daihou.runs.process import told_to_end

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

LOOK_SECONDS: Final = 0.5
STOP_SECONDS: Final = 9.0
"""What the processes have to stop by themselves."""
LONGEST_PAUSE_SECONDS: Final = 30.0
STEADY_SECONDS: Final = 60.0
"""A process that lived so long is started again without a pause when it dies."""
HOSTS: Final = "localhost,127.0.0.1,[::1]"
EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - how "every address" is written; whoever asks for it gets it


def command(
    port: Annotated[int, typer.Option(min=1, max=65535, help=text("Port to listen on.", "监听端口。"))] = 8420,
    host: Annotated[
        str,
        typer.Option(
            help=text(
                "Address to listen on; name the hosts people use in DAIHOU_HOSTS.",
                "监听地址；用户访问所用的主机名在 DAIHOU_HOSTS 中列出。",
            )
        ),
    ] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, max=64, help=text("Web processes.", "网页服务进程数。"))] = 2,
    browser: Annotated[
        bool, typer.Option("--browser", help=text("Show it in the browser.", "就绪后打开浏览器。"))
    ] = False,
) -> None:
    """Open the desk, and keep it open until Ctrl-C or SIGTERM."""
    if host not in EVERYWHERE:
        os.environ.setdefault("DAIHOU_HOSTS", HOSTS if host in HOSTS.split(",") else f"{HOSTS},{host}")
    if os.environ.get("DAIHOU_HTTPS") != "1":  # else a proxy stands before it, whose port is not ours
        os.environ.setdefault("DAIHOU_URL", f"http://{os.environ.get('DAIHOU_HOSTS', HOSTS).split(',')[0]}:{port}")
    django_ready()
    ask_database()
    check_port(host, port)
    bring_up_to_date()
    collect_static()
    share_metrics()
    subprocess.run([sys.executable, "-m", "daihou.cli.warm"], check=True)
    subprocess.run([sys.executable, "-m", "daihou.desk.portfolio.warm"], check=False)
    stop = told_to_end()
    supervise(children(host, port, workers), stop, lambda: _opened(host, port, browser=browser))


def share_metrics() -> None:
    """Give the web processes an empty folder of the home in which they count together; see `daihou.desk.metrics`."""
    folder = Path(os.environ["DAIHOU_HOME"]) / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def check_port(host: str, port: int) -> None:
    """DaihouError where the address cannot be listened on."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise DaihouError(
            f"Port {port} is taken by another program."
            if taken
            else f"Port {port} cannot be listened on: {error.strerror}.",
            "Stop that program, or choose another port with --port."
            if taken
            else "Choose another address or port with --host and --port.",
            f"{host}:{port}",
            zh=(
                f"端口 {port} 已被其他程序占用。" if taken else f"无法监听端口 {port}：{error.strerror}。",
                "请停止该程序，或用 --port 换一个端口。" if taken else "请用 --host、--port 换一个地址或端口。",
            ),
        ) from error


@dataclass(slots=True)
class Child:
    """A process that is started again when it dies, after a pause that doubles with each failure."""

    name: tuple[str, str]
    words: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    due_at: float = field(default=0.0)

    def look(self, now: float) -> None:
        """Start it when it is due; note its end."""
        if self.process is None:
            if now >= self.due_at:
                self.process, self.started_at = _launched(self.words), now
            return
        code = self.process.poll()
        if code is None:
            return
        self.failures = 0 if now - self.started_at >= STEADY_SECONDS else self.failures + 1
        pause = min(LONGEST_PAUSE_SECONDS, 2.0 ** (self.failures - 1)) if self.failures else 0.0
        self.process, self.due_at = None, now + pause
        typer.echo(
            text(
                f"The {self.name[0]} ended with {code}; it is started again in {pause:.0f} s.",
                f"{self.name[1]}已退出（{code}），{pause:.0f} 秒后重新启动。",
            ),
            err=True,
        )

    def signal(self, number: signal.Signals) -> None:
        """Signal its process group."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)


def children(host: str, port: int, workers: int) -> list[Child]:
    """The processes of the desk."""
    web = [
        "granian",
        "--interface",
        "asginl",
        "--no-ws",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(workers),
    ]
    web += [
        "--respawn-failed-workers",
        "--workers-kill-timeout",
        "5",
        "--log-level",
        "warning",
        "daihou.desk.asgi:application",
    ]
    return [
        Child(("web server", "网页服务"), web),
        Child(("job worker", "任务进程"), ["daihou.desk.jobs.worker"]),
        Child(("audit sealer", "审计封链进程"), ["daihou.desk.audit.sealer"]),
        Child(("log keeper", "日志入湖进程"), ["daihou.runs.log.keeper"]),
        Child(("stream worker", "实时研判进程"), ["daihou.runs.stream.worker"]),
        Child(("alert keeper", "预警进程"), ["daihou.desk.alerts.keeper"]),
        Child(("case keeper", "案件进程"), ["daihou.desk.casework.keeper"]),
        Child(("review keeper", "检查计划进程"), ["daihou.desk.reviews.keeper"]),
        Child(("notice sender", "通知进程"), ["daihou.desk.notices.sender"]),
        Child(("webhook sender", "回调推送进程"), ["daihou.desk.webhooks.sender"]),
        Child(("message sender", "消息发送进程"), ["daihou.desk.contacts.sender"]),
        Child(("query sender", "征信查询进程"), ["daihou.desk.bureau.sender"]),
    ]


def supervise(processes: Sequence[Child], stop: threading.Event, opened: Callable[[], bool]) -> None:
    """Keep the processes alive until told to stop, then stop them all. `opened` is asked until it is true."""
    told = False
    try:
        while not stop.wait(LOOK_SECONDS):
            for child in processes:
                child.look(time.monotonic())
            told = told or opened()
    finally:
        _stop(processes)


def _stop(processes: Sequence[Child]) -> None:
    for child in processes:
        child.signal(signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    for child in processes:
        if child.process is not None:
            try:
                child.process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.signal(signal.SIGKILL)
                child.process.wait()


def _launched(words: Sequence[str]) -> subprocess.Popen[bytes]:
    """A module as a process in a session of its own: Ctrl-C reaches it through us alone, and it ends when we are killed."""
    return subprocess.Popen(  # noqa: S603 - the words are ours
        [sys.executable, "-m", *words],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_dies_with_us(),  # noqa: PLW1509 - this process has one thread
    )


def _dies_with_us() -> Callable[[], None] | None:
    """What a process does at its start so that it gets SIGTERM when its parent is killed; Linux alone knows how."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up here: after the fork as little as may be is done
    return lambda: prctl(1, int(signal.SIGTERM))  # 1: PR_SET_PDEATHSIG


def _opened(host: str, port: int, *, browser: bool) -> bool:
    """Say where the desk is, once it is ready."""
    connection = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=5)
    try:
        named = os.environ.get("DAIHOU_HOSTS", HOSTS).split(",")[0]
        connection.request("GET", "/readyz", headers={"Host": named})
        ready = connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    if ready:
        shown = f"[{host}]" if ":" in host else host
        typer.echo(
            text(
                f"daihou is open at http://{shown}:{port} (Ctrl-C closes it)",
                f"daihou 贷后已启动：http://{shown}:{port}（按 Ctrl-C 停止）",
            )
        )
        if browser:
            show(f"http://{shown}:{port}")
    return ready

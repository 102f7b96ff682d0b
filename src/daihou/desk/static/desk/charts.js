// Charts: each [data-chart] holds its option as JSON, made by the server; here it takes the desk's colours and its place.
//
//   <div data-chart="lines|areas|bars|heat_map|own" [data-ramp="arrears|arrears0|age|equal"] [data-title]>
//     <script type="application/json">{"option": {…}, "links": …}</script>   or the option alone
//     <div class="chart"></div>
//   </div>
//
// links: a matrix [series][point] of addresses or null, or {"base": "…", "by": the same matrix of what follows the base};
// of a heat map a series is a row. Any string "--dh-…" within an option stands for that token of tokens.css, so a chart
// of its own ("own") can name colours. Needs echarts.min.js and colours.js before it. Nothing here writes a style into
// markup, so a strict content security policy holds.
(() => {
  "use strict";
  const root = document.documentElement;
  const chinese = () => root.lang.toLowerCase().startsWith("zh");
  const { token, ramps, gradient, ink } = window.desk;
  const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
  const END_LABELS = 8; // more lines than these cannot be told apart at their ends
  const END_LABELS_WIDTH_PX = 320;
  const CELL_PX = 38; // narrower cells have no room for a figure
  const NEAR_PX = 24; // how far from a line a click still means it

  /** An option with every "--dh-…" replaced by its colour. */
  function named(value) {
    if (typeof value === "string") return value.startsWith("--dh-") ? token(value.slice(5)) : value;
    if (Array.isArray(value)) return value.map(named);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, named(inner)]));
    return value;
  }

  // ---- Figures -----------------------------------------------------------------------------------------------------

  const language = () => (chinese() ? "zh-CN" : "en-GB");
  const full = (value) => new Intl.NumberFormat(language(), { maximumFractionDigits: 2 }).format(value);
  const short = (value) => new Intl.NumberFormat(language(), { notation: "compact", maximumFractionDigits: 1 }).format(value);

  // ---- Options -----------------------------------------------------------------------------------------------------

  function kindOf(node, option) {
    if (node.dataset.chart) return node.dataset.chart;
    const first = list(option.series)[0] || {};
    if (first.type === "heatmap") return "heat_map";
    if (first.type === "bar") return "bars";
    return first.stack ? "areas" : "lines";
  }

  // Month ends along an axis are told as months: 26-06; that they are dates needs no name then.
  const MONTH_END = /^\d{4}-\d{2}-\d{2}$/;
  const month = (value) => (MONTH_END.test(value) ? value.slice(2, 7) : value);

  function axis(given) {
    const category = given.type === "category";
    const dated = category && list(given.data).length > 0 && list(given.data).every((value) => MONTH_END.test(value));
    return {
      ...given,
      ...(dated ? { name: "" } : {}),
      nameTextStyle: { color: token("muted"), fontSize: 11 },
      ...(given.nameLocation === "middle" ? { nameGap: 24 } : {}),
      axisLine: { show: category, lineStyle: { color: token("line") } },
      axisTick: { show: false },
      axisLabel: { hideOverlap: true, ...(dated ? { formatter: month } : {}), ...given.axisLabel, color: token("muted"), fontSize: 11 },
      splitLine: { show: !category, lineStyle: { color: token("hair") } },
      ...(given.type === "value" ? { splitNumber: 4 } : {}),
    };
  }

  const axes = (given) => (Array.isArray(given) ? given.map(axis) : given && axis(given));

  /** What every chart has: no animation, the desk's type, a tooltip drawn in svg, no title where the card has one. */
  function frame(node, option) {
    const { title, ...rest } = option;
    return {
      ...rest,
      ...("title" in node.dataset ? { title } : {}),
      aria: { enabled: true, ...(title?.text ? { label: { description: title.text } } : {}) },
      animation: false,
      backgroundColor: "transparent",
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12, color: token("ink") },
      tooltip: {
        trigger: "axis",
        ...option.tooltip,
        renderMode: "richText",
        confine: true,
        backgroundColor: token("surface"),
        borderColor: token("line"),
        borderWidth: 1,
        padding: [8, 12],
        textStyle: { color: token("ink"), fontSize: 12 },
        axisPointer: { lineStyle: { color: token("muted"), type: "dashed" }, shadowStyle: { color: token("muted"), opacity: 0.08 } },
      },
      xAxis: axes(option.xAxis),
      yAxis: axes(option.yAxis),
    };
  }

  /** Whether figures are shares in percent: the server says it in the axis. */
  const shares = (option) => list(option.yAxis).some((one) => String(one.axisLabel?.formatter ?? "").includes("%"));

  function legend(names) {
    return {
      show: names.length > 1,
      type: "scroll",
      top: 0,
      right: 0,
      itemWidth: 12,
      itemHeight: 8,
      itemGap: 12,
      icon: "roundRect",
      data: names,
      textStyle: { color: token("muted"), fontSize: 12 },
      pageTextStyle: { color: token("muted") },
      pageIconColor: token("link"),
      pageIconInactiveColor: token("line"),
    };
  }

  /** Lines, areas and bars: one colour a series by the ramp; names at the ends of lines where they fit, else a legend. */
  function drawn(node, host, option, kind) {
    const series = list(option.series);
    const names = series.map((one) => one.name ?? "");
    const colours = (ramps[node.dataset.ramp] || ramps[kind === "lines" ? "age" : "arrears"])(series.length);
    const percent = shares(option);
    const last = (one) => list(one.data).findLastIndex((value) => value !== null);
    const figure = (value) => (value === null || value === undefined ? "–" : percent ? `${full(value)}%` : full(value));
    const abreast = new Set(series.map(last)).size === 1; // names above one another must make room; elsewhere they stay at their ends
    const ends = kind === "lines" && series.length > 1 && series.length <= END_LABELS && host.clientWidth >= END_LABELS_WIDTH_PX;
    const framed = frame(node, option);
    const yAxis = list(framed.yAxis).map((one) => ({
      ...one,
      axisLabel: { ...one.axisLabel, ...(percent ? {} : { formatter: short }) },
    }));
    const xAxis = list(framed.xAxis).map((one) => ({ ...one, ...(kind !== "bars" && one.type === "category" ? { boundaryGap: false } : {}) }));
    const titled = "title" in node.dataset ? 28 : 0;
    const hasLegend = names.length > 1 && !ends;
    return {
      ...framed,
      color: colours,
      xAxis,
      yAxis,
      legend: { ...legend(names), show: hasLegend, top: titled },
      grid: {
        left: 4,
        right: ends ? Math.max(...names.map((name) => wide(name))) + 12 : 16,
        top: titled + (hasLegend ? 32 : yAxis[0]?.name ? 28 : 12),
        bottom: xAxis[0]?.name ? 4 : 0,
        outerBoundsMode: "same",
        outerBoundsContain: "axisLabel",
        ...(xAxis[0]?.name ? { outerBoundsContain: "all" } : {}),
      },
      tooltip: {
        ...framed.tooltip,
        valueFormatter: figure,
        // A tooltip drawn in svg cannot be taller than its chart: of many series it says the newest.
        ...(series.length > END_LABELS ? { formatter: (points) => newest(points, figure) } : {}),
        ...(kind === "bars" ? { axisPointer: { ...framed.tooltip.axisPointer, type: "shadow" } } : {}),
      },
      series: series.map((one, place) => styled(one, kind, colours[place], { ends, abreast, strong: place >= series.length - 2 })),
    };
  }

  function newest(points, figure) {
    const known = points.filter((point) => point.value !== null && point.value !== undefined);
    const lines = known.slice(-END_LABELS).reverse().map((point) => `${point.seriesName}  ${figure(point.value)}`);
    return [points[0].axisValueLabel, ...lines, ...(known.length > END_LABELS ? ["…"] : [])].join("\n");
  }

  /** Roughly the width in pixels of a name at 11 px: a Chinese sign is as wide as it is high. */
  const wide = (name) => [...name].reduce((sum, sign) => sum + (sign.charCodeAt(0) > 0x2e7f ? 11 : 6.5), 0);

  function styled(series, kind, colour, { ends, abreast, strong }) {
    if (kind === "areas") {
      return {
        ...series,
        symbol: "none",
        lineStyle: { width: 1, color: token("surface") },
        areaStyle: { color: colour, opacity: 1 },
        emphasis: { disabled: true },
      };
    }
    if (kind === "bars") return { ...series, itemStyle: { color: colour }, barMaxWidth: 32, emphasis: { disabled: true } };
    return {
      ...series,
      symbol: "circle",
      symbolSize: 5,
      // A lone point makes no line: without its symbol it would not be seen.
      showSymbol: (series.data || []).filter((value) => value !== null).length === 1,
      lineStyle: { width: strong ? 2.2 : 1.5, color: colour },
      itemStyle: { color: colour },
      emphasis: { focus: "series" },
      ...(ends
        ? {
            endLabel: {
              show: true,
              formatter: "{a}",
              distance: 4,
              fontSize: 11,
              color: strong ? colour : token("muted"),
              backgroundColor: token("surface"),
              padding: [1, 2],
            },
            ...(abreast ? { labelLayout: { moveOverlap: "shiftY" } } : {}),
          }
        : {}),
    };
  }

  /** Cells from the ground to wine; the figure within takes whichever ink is read better on its cell. */
  function heatMap(node, host, option) {
    const framed = frame(node, option);
    const stops = [token("surface"), ...[1, 3, 5, 6].map((step) => token(`b${step}`))];
    const map = list(option.visualMap)[0] || {};
    // Shades spread over what is there, else a book with few arrears would be all white.
    const [min, max] = [map.min ?? 0, Math.min(map.max ?? Infinity, Math.max(...option.series[0].data.map((cell) => cell[2]), 1e-9))];
    const ground = (value) => gradient(stops, Math.min(Math.max((value - min) / (max - min || 1), 0), 1));
    const roomy = host.clientWidth / list(option.xAxis?.data).length > CELL_PX;
    const sign = list(option.series).some((one) => String(one.label?.formatter ?? "").endsWith("%")) ? "%" : "";
    const labelled = (axis, place) => [axis.name, axis.data[place]].filter(Boolean).join(" ");
    const told = ([across, down, value]) => `${labelled(option.yAxis, down)} · ${labelled(option.xAxis, across)}\n${full(value)}${sign}`;
    const titled = "title" in node.dataset ? 28 : 0;
    return {
      ...framed,
      xAxis: { ...framed.xAxis, splitLine: { show: false } },
      // Rows run downwards, so the upper end of their axis is its start.
      yAxis: { ...framed.yAxis, nameLocation: option.yAxis?.inverse ? "start" : "end", axisLine: { show: false }, splitLine: { show: false } },
      grid: { left: 4, right: 4, top: titled + (option.yAxis?.name ? 24 : 4), bottom: 4, outerBoundsMode: "same", outerBoundsContain: "all" },
      tooltip: { ...framed.tooltip, trigger: "item", formatter: ({ value }) => told(value) },
      visualMap: [{ ...map, min, max, inRange: { color: stops } }],
      series: list(option.series).map((one) => ({
        ...one,
        itemStyle: { borderColor: token("surface"), borderWidth: 1 },
        emphasis: { itemStyle: { color: "inherit", borderColor: token("link"), borderWidth: 2 } },
        label: { fontSize: 11, ...one.label, show: roomy },
        data: one.data.map((cell) => ({ value: cell, label: { color: ink(ground(cell[2])) } })),
      })),
    };
  }

  function themed(node, host, option) {
    const given = named(option);
    const kind = kindOf(node, given);
    if (kind === "heat_map") return heatMap(node, host, given);
    if (kind === "own") return frame(node, given);
    return drawn(node, host, given, kind);
  }

  // ---- Links -------------------------------------------------------------------------------------------------------

  /** The address behind a point, if it leads to this desk. */
  function address(links, series, point) {
    const found = links && (links.by ?? links)[series]?.[point];
    if (found === null || found === undefined || found === "") return null;
    const url = new URL((links.base ?? "") + found, location.href);
    return url.origin === location.origin ? url.href : null;
  }

  /** Which [series, point] lies at a place of the chart, or null. */
  function under(chart, kind, option, [x, y]) {
    if (!chart.containPixel({ gridIndex: 0 }, [x, y])) return null;
    const [across, down] = chart.convertFromPixel({ gridIndex: 0 }, [x, y]);
    const point = Math.round(across);
    if (kind === "heat_map") return [Math.round(down), point];
    const series = list(option.series);
    const value = (one) => Number(list(one.data)[point] ?? NaN);
    if (series.some((one) => one.stack)) {
      let top = 0;
      for (let place = 0; place < series.length; place += 1) {
        top += value(series[place]) || 0;
        if (down <= top) return [place, point];
      }
      return null;
    }
    const far = (one) => Math.abs(chart.convertToPixel({ yAxisIndex: 0 }, value(one)) - y);
    const near = series.map((one, place) => [far(one), place]).filter(([distance]) => distance <= NEAR_PX);
    return near.length ? [near.sort((a, b) => a[0] - b[0])[0][1], point] : null;
  }

  function link(chart, kind, option, links) {
    if (!links) return;
    const zr = chart.getZr();
    const at = (event) => {
      const found = under(chart, kind, option, [event.offsetX, event.offsetY]);
      return found && address(links, ...found);
    };
    // Bars stand side by side within a point: the one that is hit is meant.
    const bars = kind === "bars" && !list(option.series).some((one) => one.stack);
    if (bars) {
      chart.on("click", (hit) => go(address(links, hit.seriesIndex, hit.dataIndex), hit.event.event));
      return; // over a bar ECharts shows a pointer of its own accord
    }
    zr.on("mousemove", (event) => zr.setCursorStyle(at(event) ? "pointer" : "default"));
    zr.on("click", (event) => go(at(event), event.event));
  }

  function go(url, event) {
    if (!url) return;
    if (event.ctrlKey || event.metaKey) window.open(url, "_blank", "noopener");
    else location.assign(url);
  }

  // ---- The page ----------------------------------------------------------------------------------------------------

  const live = new Map();

  function draw(node) {
    const host = node.querySelector(".chart");
    const given = node.querySelector("script[type='application/json']");
    if (!given || !host?.clientWidth) return; // without a width: within something closed, drawn when it opens
    const said = JSON.parse(given.textContent);
    const option = said.option ?? said;
    live.get(node)?.dispose();
    const chart = window.echarts.init(host, null, { renderer: "svg", locale: chinese() ? "ZH" : "EN" });
    chart.setOption(themed(node, host, option));
    link(chart, kindOf(node, option), option, said.links);
    live.set(node, chart);
  }

  function drawAll() {
    if (!window.echarts) return;
    live.forEach((chart, node) => {
      if (node.isConnected) return;
      chart.dispose(); // htmx took its place
      live.delete(node);
    });
    document.querySelectorAll("[data-chart]").forEach(draw);
  }

  /** Redrawn rather than stretched: whether names fit at the ends depends on the width. */
  let waiting = 0;
  function resized() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(drawAll);
  }

  /** The table behind a chart: what [data-act=table] controls, else the card's <details> or .chart-table. */
  function table(button) {
    const id = button.getAttribute("aria-controls");
    const box = id ? document.getElementById(id) : button.closest(".card")?.querySelector("details, .chart-table");
    if (!box) return;
    const open = box.matches("details") ? !box.open : box.hidden;
    if (box.matches("details")) box.open = open;
    else box.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  }

  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("desk:theme", drawAll);
  document.addEventListener("desk:draw", (event) => draw(event.target)); // its option was changed
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt;
    if (part instanceof Element && (part.matches("[data-chart]") || part.querySelector("[data-chart]"))) drawAll();
  });
  addEventListener("resize", resized);
  document.addEventListener("toggle", resized, true); // a <details> opened: toggle does not bubble
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act=table]");
    if (!button) return;
    event.preventDefault();
    table(button);
  });
})();

"""Plots of what autoschedule.py and search.py measured, each as PNG and SVG."""
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402: the choice of what draws comes first

# File name: attribute of a row, its unit, what the axis says.
MEASURES = {
    "relative_time": ("relative", 1, "time / time of the manual schedule"),
    "compile_time": ("compile_seconds", 1, "compile time, s"),
    "code_size": ("code_bytes", 1e3, "code, kB"),
    "scratch_memory": ("scratch_bytes", 1e3, "peak scratch memory on the heap, kB"),
}
COLORS = {"manual": "#444444", "Mullapudi2016": "#0072b2", "Adams2019": "#e69f00", "Li2018": "#009e73",
          "manual_gpu": "#999999", "Anderson2021": "#cc79a7"}
OTHER_COLORS = ["#56b4e9", "#d55e00", "#f0e442"]  # of plugins


def save(figure, folder, name):
    for suffix in ("png", "svg"):
        figure.savefig(folder / f"{name}.{suffix}", dpi=120)
    plt.close(figure)


def draw_measure(rows, folder, name):
    """Bars of one measure: an axis for each app, a group for each size."""
    attribute, unit, label = MEASURES[name]
    known = {row.scheduler for row in rows if getattr(row, attribute) is not None or row.status == "failed"}
    rows = [row for row in rows if row.scheduler in known]
    if not rows:
        return
    apps = list(dict.fromkeys(row.app for row in rows))
    sizes = list(dict.fromkeys(row.size for row in rows))
    schedulers = list(dict.fromkeys(row.scheduler for row in rows))
    others = [s for s in schedulers if s not in COLORS]
    colors = {**COLORS, **{s: OTHER_COLORS[i % len(OTHER_COLORS)] for i, s in enumerate(others)}}
    columns = min(len(apps), 3)
    lines = -(-len(apps) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(max(9, 4.5 * columns), 3.2 * lines + 0.6), squeeze=False,
                                layout="constrained")
    for axis in list(axes.flat)[len(apps):]:
        axis.set_visible(False)
    width = 0.8 / len(schedulers)
    for app, axis in zip(apps, axes.flat):
        for i, scheduler in enumerate(schedulers):
            found = {row.size: row for row in rows if (row.app, row.scheduler) == (app, scheduler)}
            for k, size in enumerate(sizes):
                x, value = k + (i - (len(schedulers) - 1) / 2) * width, getattr(found[size], attribute)
                if value is None:
                    axis.annotate("failed" if found[size].status == "failed" else "not run", (x, 0), rotation=90,
                                  xycoords=("data", "axes fraction"), xytext=(0, 3), textcoords="offset points",
                                  ha="center", va="bottom", fontsize=7, color=colors[scheduler])
                else:
                    axis.bar(x, value / unit, width, color=colors[scheduler])
        if attribute == "relative":
            axis.axhline(1, color="black", linewidth=0.8)
            axis.set_yscale("log")
            axis.yaxis.set_major_formatter("{x:g}")
        elif attribute == "scratch_bytes":
            axis.set_yscale("symlog", linthresh=1)
        axis.set_title(app)
        axis.set_xticks(range(len(sizes)), sizes)
    for line in axes:
        line[0].set_ylabel(label)
    handles = [plt.Rectangle((0, 0), 1, 1, color=colors[s]) for s in schedulers]
    figure.legend(handles, schedulers, loc="outside upper center", ncols=len(schedulers), frameon=False)
    save(figure, folder, name)


def draw(rows, folder):
    """All plots of autoschedule.py."""
    for name in MEASURES:
        draw_measure(rows, folder, name)


def draw_search(samples, title, folder):
    """The time of each sample of search.py, and the best until then."""
    done = [s for s in samples if s.status == "ok"]
    if not done:
        return
    figure, axis = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for kind, color in (("random", "#56b4e9"), ("one-shot", "#d55e00")):
        axis.plot([s.sample for s in done if s.kind == kind], [s.relative for s in done if s.kind == kind], ".",
                  color=color, label=kind)
    best = [min(s.relative for s in done[:i + 1]) for i in range(len(done))]
    axis.step([s.sample for s in done] + [samples[-1].sample], best + best[-1:], where="post", color="black",
              label="best so far")
    axis.axhline(1, color="gray", linewidth=0.8, linestyle="--", label="manual schedule")
    axis.set_yscale("log")
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_formatter("{x:g}")
    axis.set_xlabel("sample")
    axis.set_ylabel(MEASURES["relative_time"][2])
    axis.set_title(title)
    axis.legend()
    save(figure, folder, "search")

"""Windows of the images of a data set that is spread over many processes, with Dask or with Ray.

    python data_sets.py dask
    python data_sets.py ray

Each engine runs glimpses() on parts of the data. An image has a number in the data set, which goes with it: noise is a
function of that number and of the seed, so the result has the same bytes, however the data is split.
"""

import hashlib
import sys

import numpy as np

import glimpse

SIDE = 32
MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def load_image(number):
    """Image number `number` of the data set: here one that is made up, 48 x 64 RGB."""
    y, x = np.mgrid[:48, :64]
    waves = [128 + 100 * np.sin((y * (c + 1) + x * 3 + 17 * number) / 9.0) for c in range(3)]
    return np.stack(waves, axis=-1).astype(np.uint8)


def glimpses(numbers, centers):
    """Normalised float32 planes [count, 3, SIDE, SIDE] of the images of these numbers; outside there is noise."""
    numbers, centers = np.asarray(numbers), np.asarray(centers, np.float32)
    subtract, multiply = glimpse.normalization(MEAN, DEVIATION)
    out = np.empty((len(numbers), 3, SIDE, SIDE), np.float32)
    # Runs of images that follow one another in the data set: a call numbers its images from first_image on.
    breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
    for run in np.split(np.arange(len(numbers)), breaks):
        if len(run) > 0:
            images = np.stack([load_image(int(number)) for number in numbers[run]])
            glimpse.extract(images, SIDE, offsets=centers[run], border="uniform", seed=2026,
                            first_image=int(numbers[run[0]]), subtract=subtract, multiply=multiply, layout="NCHW",
                            out=out[run[0]:run[-1] + 1])
    return out


def records(count):
    """What the data set says of each image: its number, and where to look."""
    random = np.random.default_rng(7)
    return [{"number": number, "y": float(y), "x": float(x)}
            for number, (y, x) in enumerate(random.uniform((-5, -5), (53, 69), (count, 2)))]


def with_dask(count, partitions, workers=2):
    """By a local cluster of Dask; one on many machines is another address."""
    import dask.bag
    import distributed

    def cut(part):
        part = list(part)
        return [glimpses([r["number"] for r in part], [(r["y"], r["x"]) for r in part])] if part else []

    with distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster, \
            distributed.Client(cluster):
        parts = dask.bag.from_sequence(records(count), npartitions=partitions).map_partitions(cut).compute()
    return np.concatenate(parts)


def with_ray(count, partitions):
    """By Ray Data, in blocks."""
    import ray

    def cut(batch):
        centers = np.stack([batch["y"], batch["x"]], axis=1)
        return {"number": batch["number"], "glimpse": glimpses(batch["number"], centers)}

    ray.init(num_cpus=2, include_dashboard=False, ignore_reinit_error=True, log_to_driver=False)
    data = ray.data.from_items(records(count), override_num_blocks=partitions)
    rows = data.map_batches(cut, batch_size=None).take_all()
    return np.stack([row["glimpse"] for row in sorted(rows, key=lambda row: row["number"])])


if __name__ == "__main__":
    engine = {"dask": with_dask, "ray": with_ray}[sys.argv[1]]
    for parts in (1, 2, 7):
        made = engine(24, parts)
        print(f"{parts} partitions: {made.shape}, {hashlib.sha256(made.tobytes()).hexdigest()[:16]}")

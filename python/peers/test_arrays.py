"""Arrays of JAX and TensorFlow and images of Pillow, each package in a process of its own."""

import subprocess
import sys

import numpy as np
import pytest

import glimpse

ORIGINS = [(1, 2), (-1, 3)]
PIXELS = np.arange(2 * 8 * 9 * 3).reshape(2, 8, 9, 3) % 250


def expected(dtype):
    return glimpse.extract(PIXELS.astype("uint8"), (4, 5), origins=ORIGINS, border="wrap").astype(dtype)


def check(to_array, kind, is_kind, dtypes):
    """Arrays of a package give arrays of it, with the same pixels, and cannot be written."""
    for dtype in dtypes:
        given = to_array(PIXELS, dtype)
        found = glimpse.extract(given, (4, 5), origins=ORIGINS, border="wrap")
        assert is_kind(found), type(found)
        assert dtype in str(found.dtype), found.dtype
        np.testing.assert_array_equal(np.asarray(found).astype("f4"), expected("f4"))
        as_bytes = glimpse.extract(given, (4, 5), origins=ORIGINS, border="wrap", dtype="uint8", layout="NCHW")
        np.testing.assert_array_equal(np.asarray(as_bytes), expected("uint8").transpose(0, 3, 1, 2))
        out = np.zeros((2, 4, 5, 3), "uint8")
        glimpse.extract(given, (4, 5), origins=ORIGINS, border="wrap", dtype="uint8", out=out)
        np.testing.assert_array_equal(out, expected("uint8"))
        with pytest.raises((ValueError, TypeError), match="out"):
            glimpse.extract(given, (4, 5), origins=ORIGINS, out=to_array(out, dtype))
    places = to_array(np.array([(0, 0, 8, 9)] * 2), "float32")
    boxes = glimpse.extract(to_array(PIXELS, "float32"), (4, 5), boxes=places)
    assert is_kind(boxes)
    assert is_kind(glimpse.retina_boxes(to_array(np.array([(4, 4)]), "float32"), (8, 9), 2, levels=2))
    assert glimpse.compute_statistics(to_array(PIXELS, "float32")).max[0] == PIXELS[0].max((0, 1)).tolist()
    assert glimpse.extract(to_array(PIXELS, "uint8"), (4, 5), origins=np.zeros((2, 2), int), dtype=kind.bfloat16)\
        .dtype == kind.bfloat16


def jax():
    import jax.numpy as jnp
    import jax as package
    check(lambda a, dtype: jnp.asarray(a, dtype), jnp, lambda a: isinstance(a, package.Array),
          ["uint8", "uint16", "int16", "float16", "bfloat16", "float32"])
    with pytest.raises((TypeError, ValueError, package.errors.JAXTypeError), match="images"):
        package.jit(lambda a: glimpse.extract(a, 4, origins=ORIGINS))(jnp.zeros((2, 8, 8, 3)))


def tensorflow():
    import tensorflow as tf
    check(lambda a, dtype: tf.cast(tf.constant(a), dtype), tf, tf.is_tensor,
          ["uint8", "int16", "float16", "bfloat16", "float32"])
    x = tf.constant(np.arange(1, 10, dtype="f4").reshape(1, 3, 3, 1))
    places = tf.constant([[1.0, 1.0]])
    theirs = tf.image.extract_glimpse(x, (2, 2), places, centered=False, normalized=False, noise="zero")
    ours = glimpse.extract_glimpse(x, (2, 2), places, centered=False, normalized=False, noise="zero", version=2)
    assert tf.is_tensor(ours)
    np.testing.assert_array_equal(ours, theirs)


def pillow():
    from PIL import Image
    image = Image.fromarray(PIXELS[0].astype("uint8"))
    found = glimpse.extract(image, (4, 5), origins=[(1, 2)])
    assert isinstance(found, np.ndarray)
    np.testing.assert_array_equal(found[0], PIXELS[0, 1:5, 2:7])


@pytest.mark.parametrize("package", ["jax", "tensorflow", "pillow"])
def test_arrays(package):
    done = subprocess.run([sys.executable, __file__, package], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]


if __name__ == "__main__":
    {"jax": jax, "tensorflow": tensorflow, "pillow": pillow}[sys.argv[1]]()

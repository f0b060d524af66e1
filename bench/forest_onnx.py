#!/usr/bin/env python3
"""ONNX models here, in onnxruntime and in scikit-learn: the same classes and probabilities?

Rows are thresholds of the model, their float32 neighbours and real rows, some
values missing. Needs scikit-learn, onnx, onnxruntime, skl2onnx and Go.

    bench/forest_onnx.py            compare
    bench/forest_onnx.py golden DIR write the small models of the Go tests
"""
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import forest as F


def thresholds(model):
    """Thresholds of a model's trees, by feature."""
    found = {}
    for n in model.graph.node:
        if n.op_type not in ("TreeEnsembleClassifier", "TreeEnsemble"):
            continue
        a = {x.name: onnx.helper.get_attribute_value(x) for x in n.attribute}
        if n.op_type == "TreeEnsemble":
            values, modes = onnx.numpy_helper.to_array(a["nodes_splits"]), [b"BRANCH_LEQ"] * len(a["nodes_featureids"])
        else:
            values, modes = a.get("nodes_values"), a["nodes_modes"]
        for f, v, m in zip(a["nodes_featureids"], values, modes):
            if m != b"LEAF":
                found.setdefault(f, []).append(v)
    return found


def edges(model, x, rows, missing, rng):
    """Real rows with many values set to thresholds and their neighbours."""
    out = x[rng.integers(0, len(x), rows)].copy()
    for f, t in thresholds(model).items():
        t = np.asarray(t, np.float32)
        t = t[np.isfinite(t)]
        if len(t) == 0:
            continue
        near = np.concatenate([t, np.nextafter(t, np.float32(np.inf)), np.nextafter(t, np.float32(-np.inf))])
        hit = rng.random(rows) < 0.7
        out[hit, f] = rng.choice(near, hit.sum())
    if missing:
        out[rng.random(out.shape) < missing] = np.nan
    return out


def run(model, x):
    s = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    kind = np.float64 if s.get_inputs()[0].type == "tensor(double)" else np.float32
    names = [o.name for o in s.get_outputs()]
    out = dict(zip(names, s.run(None, {s.get_inputs()[0].name: x.astype(kind)})))
    return out.get("label", out.get("output_label")), out["probabilities"]


def ours(folder, model, x):
    np.ascontiguousarray(x, "<f4").tofile(os.path.join(folder, "rows.f32"))
    subprocess.run([binary(folder), "-data", folder, "-mode", "predict", "-model", model], check=True)
    return np.fromfile(os.path.join(folder, "probabilities.f32"), "<f4").reshape(len(x), -1)


def binary(folder):
    path = os.path.join(folder, "forestbench")
    if not os.path.exists(path):
        subprocess.run(["go", "build", "-o", path, "./bench/forest"], cwd=F.ROOT, check=True)
    return path


def report(name, a, b, label=None, classes=None):
    """a: ours. Classes are compared where the other's two best differ by more than rounding."""
    top = np.sort(b, 1)
    clear = top[:, -1] - top[:, -2] > 1e-5
    wrong = int((a.argmax(1) != b.argmax(1))[clear].sum())
    if label is not None:
        wrong = int((np.asarray(classes)[a.argmax(1)] != np.asarray(label).astype(str))[clear].sum())
    worst = float(np.abs(a - b).max())
    ok = wrong == 0 and worst < 2e-6
    print(f"{'ok  ' if ok else 'FAIL'} {name:62s} {len(a)} rows, {wrong} other classes, {int((~clear).sum())} ties, largest difference {worst:.1e}", flush=True)
    return ok


def grow_here(folder, x, y, names, rng, gaps, trees, depth):
    xt = x.copy()
    if gaps:
        xt[rng.random(xt.shape) < 0.1] = np.nan
    F.save(folder, xt, y, names, np.zeros((1, len(y)), np.uint8))
    subprocess.run([binary(folder), "-data", folder, "-mode", "export", "-trees", str(trees), "-depth", str(depth)], check=True)


def compare():
    rng = np.random.default_rng(1)
    x, y, names = F.load(F.CSV)
    pick = rng.integers(0, len(y), 15000)
    x, y = x[pick], y[pick]
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for trees, depth, gaps in ((20, 10, 0), (20, 10, 0.1), (100, 20, 0)):
            grow_here(folder, x, y, names, rng, gaps, trees, depth)
            for op in ("classifier", "ensemble"):
                path = os.path.join(folder, op + ".onnx")
                model = onnx.load(path)
                onnx.checker.check_model(model)
                rows = edges(model, x, 20000, gaps, rng)
                label, p = run(model, rows)
                what = f"grown here, {trees} trees of depth {depth}{', missing values' if gaps else ''}, {op}"
                good &= report(what + ": onnxruntime", ours(folder, os.path.join(folder, "forest.firetower"), rows), p, label, F.CLASSES)
                good &= report(what + ": read back", ours(folder, path, rows), p, label, F.CLASSES)
        text = np.array(F.CLASSES)[y]
        forests = [
            ("RandomForest, 100 trees of depth 20", RandomForestClassifier(100, max_depth=20, random_state=0, n_jobs=-1), y, 0),
            ("RandomForest, text labels", RandomForestClassifier(20, max_depth=8, random_state=0, n_jobs=-1), text, 0),
            ("RandomForest, two classes", RandomForestClassifier(10, max_depth=9, random_state=0, n_jobs=-1), (y > 0).astype(int), 0),
            ("RandomForest, missing values", RandomForestClassifier(20, max_depth=12, random_state=0, n_jobs=-1), y, 0.1),
            ("ExtraTrees", ExtraTreesClassifier(20, max_depth=12, random_state=0, n_jobs=-1), y, 0),
        ]
        for name, m, labels, gaps in forests:
            xt = x.copy()
            if gaps:
                xt[rng.random(xt.shape) < gaps] = np.nan
            m.fit(xt, labels)
            for double in (False, True)[:1 if gaps or name == "ExtraTrees" else 2]:
                # In double precision skl2onnx never ends on the infinite threshold of "missing or not",
                # and onnxruntime refuses what it makes of ExtraTrees.
                kind = dict(initial_types=[("X", DoubleTensorType([None, x.shape[1]]))]) if double else {}
                model = to_onnx(m, x[:1], options={"zipmap": False}, target_opset={"": 18, "ai.onnx.ml": 3}, **kind)
                path = os.path.join(folder, "sklearn.onnx")
                onnx.save(model, path)
                rows = edges(model, x, 20000, gaps, rng)
                mine = ours(folder, path, rows)
                label, p = run(model, rows)
                what = f"{name}{', double' if double else ''}"
                good &= report(what + ": onnxruntime", mine, p, label, [str(c) for c in m.classes_])
                if not gaps:  # skl2onnx 1.20 forgets which way missing values go
                    good &= report(what + ": scikit-learn", mine, m.predict_proba(rows))
    sys.exit(0 if good else 1)


def golden(folder):
    """Writes small models and what onnxruntime says of rows at their thresholds."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4)).astype(np.float32)
    y = (x[:, 0] + x[:, 1] > 0).astype(int) + (x[:, 2] > 0.5)
    cases = {
        "three-classes": (np.array(["benign", "dos", "portscan"])[y], {}, 0),
        "two-classes": ((y > 0).astype(int), {}, 0),
        "double": (y, dict(initial_types=[("X", DoubleTensorType([None, 4]))]), 0),
        "missing": (y, {}, 0.1),
    }
    for name, (labels, kind, gaps) in cases.items():
        xt = x.copy()
        if gaps:
            xt[rng.random(xt.shape) < gaps] = np.nan
        m = RandomForestClassifier(5, max_depth=4, random_state=0).fit(xt, labels)
        zipmap = {} if name == "three-classes" else {"options": {"zipmap": False}}
        model = to_onnx(m, x[:1], target_opset={"": 18, "ai.onnx.ml": 3}, **kind, **zipmap)
        rows = edges(model, x, 60, gaps, rng)
        onnx.save(model, os.path.join(folder, name + ".onnx"))
        plain = to_onnx(m, x[:1], target_opset={"": 18, "ai.onnx.ml": 3}, options={"zipmap": False}, **kind)
        _, p = run(plain, rows)
        with open(os.path.join(folder, name + ".txt"), "w") as f:
            for r, q in zip(rows, p):
                print(*[f"{v:08x}" for v in r.view(np.uint32)], *[f"{v:.9g}" for v in q], file=f)


if __name__ == "__main__":
    golden(sys.argv[2]) if sys.argv[1:2] == ["golden"] else compare()

#!/usr/bin/env python3
"""Firetower's forest beside scikit-learn's: the same rows, folds and settings.

    bench/forest.py parity [--repeats N]   macro-F1 over repeated 5-fold
    bench/forest.py speed  [--full]        training and prediction, ratios; --full takes about 8 minutes on two idle cores

Needs scikit-learn, pandas and the Go toolchain; see bench/README.md. The rows are
the corrected CICIDS2017 sample, by default ../shared/data/cicids2017/.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CSV = os.path.join(ROOT, "../shared/data/cicids2017/cicids2017_improved_cns2022_sample.csv.gz")
CLASSES = ["benign", "portscan", "bruteforce", "dos", "ddos", "bot", "webattack", "infiltration", "heartbleed"]
GROUPS = {"BENIGN": 0, "Portscan": 1, "Infiltration - Portscan": 1, "FTP-Patator": 2, "SSH-Patator": 2,
          "DDoS": 4, "Botnet": 5, "Infiltration": 7, "Heartbleed": 8}
NOT_FEATURES = ["id", "Flow ID", "Src IP", "Src Port", "Dst IP", "Timestamp", "Protocol", "Label", "Attempted Category"]
PAPER = ["Bwd Header Length", "Dst Port", "Total Length of Fwd Packet", "Bwd Packet Length Max", "Bwd Init Win Bytes",
         "Fwd Packet Length Max", "Total Fwd Packet", "Flow Duration", "Flow IAT Std", "FWD Init Win Bytes"]


def group(label):
    if label.startswith("DoS"):
        return 3
    if label.startswith("Web Attack"):
        return 6
    return GROUPS[label]


def load(path):
    d = pd.read_csv(path)
    y = d["Label"].map(group).to_numpy(np.uint8)
    x = d.drop(columns=NOT_FEATURES).astype(np.float64).replace([np.inf, -np.inf], np.nan)
    x = x.fillna(x.median())
    return x.to_numpy(np.float32), y, list(x.columns)


def uncorrelated(x, limit=0.8):
    """Columns that vary and correlate under the limit with every kept column before them."""
    varies = [j for j in range(x.shape[1]) if x[:, j].min() < x[:, j].max()]
    r = np.abs(np.corrcoef(x[:, varies].astype(np.float64), rowvar=False))
    return [j for i, j in enumerate(varies) if not (r[:i, i] > limit).any()]


def save(folder, x, y, names, folds):
    """Writes a table for the Go side: columns, labels, folds (one row a repeat), names."""
    np.ascontiguousarray(x.T, dtype="<f4").tofile(os.path.join(folder, "x.f32"))
    y.astype(np.uint8).tofile(os.path.join(folder, "y.u8"))
    np.asarray(folds, np.uint8).tofile(os.path.join(folder, "folds.u8"))
    with open(os.path.join(folder, "table.json"), "w") as f:
        json.dump({"rows": len(y), "features": names, "classes": CLASSES, "repeats": len(folds)}, f)


def firetower(folder, *args):
    """Runs the Go side and returns its result."""
    binary = os.path.join(folder, "forestbench")
    if not os.path.exists(binary):
        subprocess.run(["go", "build", "-o", binary, "./bench/forest"], cwd=ROOT, check=True)
    out = subprocess.run([binary, "-data", folder, *map(str, args)], check=True, stdout=subprocess.PIPE).stdout
    return json.loads(out)


def kfolds(y, repeats):
    folds = np.zeros((repeats, len(y)), np.uint8)
    for r in range(repeats):
        for k, (_, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=r).split(y, y)):
            folds[r, test] = k
    return folds


def parity(args):
    x, y, names = load(args.csv)
    folds = kfolds(y, args.repeats)
    every = list(range(x.shape[1]))
    settings = [
        ("10 features, depth 8, 14 trees, balanced", [names.index(n) for n in PAPER], dict(n_estimators=14, max_depth=8, class_weight="balanced")),
        ("82 features, 100 full trees", every, dict(n_estimators=100)),
        ("uncorrelated features, 100 full trees", uncorrelated(x), dict(n_estimators=100)),
    ]
    print(f"scikit-learn {sklearn.__version__}; {len(y)} rows; {args.repeats} x 5 folds; macro-F1: mean and standard error of the mean over repeats")
    for name, columns, kw in settings:
        theirs = np.zeros((args.repeats, 5))
        for r in range(args.repeats):
            for k in range(5):
                test = folds[r] == k
                m = RandomForestClassifier(n_jobs=-1, random_state=100 * r + k, **kw).fit(x[~test][:, columns], y[~test])
                theirs[r, k] = f1_score(y[test], m.predict(x[test][:, columns]), average="macro", labels=range(len(CLASSES)), zero_division=0)
        with tempfile.TemporaryDirectory() as folder:
            save(folder, x[:, columns], y, [names[c] for c in columns], folds)
            flags = ["-trees", kw["n_estimators"], "-depth", kw.get("max_depth", 0)]
            if "class_weight" in kw:
                flags.append("-balanced")
            ours = np.array(firetower(folder, "-mode", "parity", *flags)["macro_f1"])
        a, b = theirs.mean(1), ours.mean(1)
        err = lambda v: v.std(ddof=1) / np.sqrt(len(v)) if len(v) > 1 else float("nan")
        print(f"{name:45s} scikit-learn {a.mean():.4f} +- {err(a):.4f}   firetower {b.mean():.4f} +- {err(b):.4f}"
              f"   difference {(b - a).mean():+.4f} +- {err(b - a):.4f}", flush=True)


def big(x, y, rows):
    rng = np.random.default_rng(0)
    pick = rng.integers(0, len(y), rows)
    xb = x[pick]
    for j in range(xb.shape[1]):  # by column, to keep the peak low
        xb[:, j] *= 1 + 0.01 * rng.standard_normal(rows).astype(np.float32)
    return xb, y[pick]


def clock(f, repeat=1):
    best = float("inf")
    for _ in range(repeat):
        t = time.perf_counter()
        f()
        best = min(best, time.perf_counter() - t)
    return best


def peak():
    """The most memory this process has held, in MB; ru_maxrss begins with that of the process that started it."""
    with open("/proc/self/status") as f:
        return next(float(line.split()[1]) for line in f if line.startswith("VmHWM:")) / 1024


def peer(folder, kw):
    """Trains and asks scikit-learn's forest; runs as a process of its own, for its memory's sake."""
    with open(os.path.join(folder, "table.json")) as f:
        rows = json.load(f)["rows"]
    x = np.ascontiguousarray(np.fromfile(os.path.join(folder, "x.f32"), "<f4").reshape(-1, rows).T)
    y = np.fromfile(os.path.join(folder, "y.u8"), np.uint8)
    m = RandomForestClassifier(n_jobs=-1, random_state=1, **kw)
    used, start = os.times(), time.perf_counter()
    m.fit(x, y)
    train, now = time.perf_counter() - start, os.times()
    result = {"train_s": train, "cpu_s": now.user + now.system - used.user - used.system,
              "peak_mb": peak()}
    n = min(rows, 50000)
    result["batch_all_s"] = clock(lambda: m.predict_proba(x[:n]), 2) / n
    m.n_jobs = 1
    result["batch_s"] = clock(lambda: m.predict_proba(x[:n])) / n
    result["one_s"] = clock(lambda: [m.predict_proba(x[i:i + 1]) for i in range(20)], 2) / 20
    print(json.dumps(result))


def speed(args):
    x, y, names = load(args.csv)
    deep = ("100 full trees", dict(n_estimators=100))
    flat = ("14 trees, depth 8", dict(n_estimators=14, max_depth=8))
    sizes = [(args.rows, [flat, deep] if args.full else [flat])]
    if args.full:
        sizes.append((2800000, [flat]))
    print(f"scikit-learn {sklearn.__version__}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'':38s}{'scikit-learn':>14s}{'firetower':>14s}{'ratio':>8s}")
    for rows, settings in sizes:
        with tempfile.TemporaryDirectory() as folder:
            xb, yb = big(x, y, rows)
            save(folder, xb, yb, names, np.zeros((1, len(yb)), np.uint8))
            del xb
            for name, kw in settings:
                compare(folder, f"{rows} rows x {len(names)} columns, {name}", kw)


def compare(folder, title, kw):
    ours = firetower(folder, "-mode", "speed", "-trees", kw["n_estimators"], "-depth", kw.get("max_depth", 0))
    command = [sys.executable, os.path.abspath(__file__), "peer", "--folder", folder, "--settings", json.dumps(kw)]
    theirs = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    print(title)
    for what, key, unit, scale in [
            ("train, wall", "train_s", "s", 1), ("train, CPU", "cpu_s", "s", 1), ("peak memory", "peak_mb", "MB", 1),
            ("predict, a row in a batch, all cores", "batch_all_s", "us", 1e6),
            ("predict, a row in a batch, one core", "batch_s", "us", 1e6), ("predict, one row", "one_s", "us", 1e6)]:
        a, b = theirs[key], ours[key]
        print(f"  {what + ', ' + unit:36s}{a * scale:14.3f}{b * scale:14.4f}{a / b:8.1f}")
    print(f"  firetower: bin {ours['bin_s']:.2f} s, grow {ours['grow_s']:.2f} s, {ours['nodes']:.0f} nodes, "
          f"explain {ours['explain_s'] * 1e6:.0f} us a row", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("mode", choices=["parity", "speed", "peer"], help="peer is what speed calls for scikit-learn's side")
    p.add_argument("--csv", default=CSV)
    p.add_argument("--repeats", type=int, default=5)
    p.add_argument("--rows", type=int, default=500000)
    p.add_argument("--full", action="store_true", help="also 100 full trees, and 2.8 million rows (scikit-learn takes minutes)")
    p.add_argument("--folder", help=argparse.SUPPRESS)
    p.add_argument("--settings", type=json.loads, help=argparse.SUPPRESS)
    args = p.parse_args()
    if args.mode == "peer":
        return peer(args.folder, args.settings)
    if not os.path.exists(args.csv):
        sys.exit(f"{args.csv} is not there: pass --csv")
    {"parity": parity, "speed": speed}[args.mode](args)


if __name__ == "__main__":
    main()

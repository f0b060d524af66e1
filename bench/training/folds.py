#!/usr/bin/env python3
"""Firetower and scikit-learn on the same repeated stratified folds: macro-F1 and the time to train.

Both carry out one recipe: duplicates removed, missing values replaced by medians, columns that correlate above 0.8 with an earlier one dropped on the
training rows of the fold, SMOTE by imbalanced-learn on one side and by Firetower on the other, a forest of N trees of
depth D. Firetower gets the folds as a column of the file, and holds one of them out by name. scikit-learn from 1.9 on draws
the rows of a tree by class weight if classes are to be balanced; with --uniform it is asked a second time, to draw all rows alike and
weigh them then ("balanced_subsample"), as it did before and as Firetower does.

usage: folds.py [--bin bin/firetower] [--repeats 2] [--folds 5] [--seeds 1] [--trees 14] [--depth 8] [--smote] [--uniform] [--correlation 0.8] FLOWS.csv.gz...
needs: scikit-learn, imbalanced-learn, pandas
"""
import argparse
import json
import os
import subprocess
import tempfile
import time

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

CLASSES = {
    "benign": "benign", "portscan": "portscan", "infiltration - portscan": "portscan", "ddos": "ddos", "botnet": "bot", "bot": "bot",
    "heartbleed": "heartbleed", "infiltration": "infiltration", "ftp-patator": "bruteforce", "ssh-patator": "bruteforce", "bruteforce": "bruteforce",
}
NO_FEATURE = ["id", "Flow ID", "Src IP", "Src Port", "Dst IP", "Source IP", "Source Port", "Destination IP", "Timestamp", "Label",
              "Attempted Category", "Day", "source", "Fwd Header Length.1", "Fold"]


def class_of(label):
    if label.lower() in CLASSES:
        return CLASSES[label.lower()]
    return "dos" if label.startswith("DoS") else "webattack"


def filled(flows, train):
    """The features with what is missing or infinite replaced by the median of the training rows."""
    x = flows[[c for c in flows.columns if c not in NO_FEATURE]].apply(pd.to_numeric, errors="coerce").replace([np.inf, -np.inf], np.nan)
    return x.fillna(x.loc[train].median()).fillna(0)


def uncorrelated(x, threshold):
    """The columns that do not correlate above the threshold with an earlier one."""
    x = x.loc[:, x.nunique() > 1]
    if threshold <= 0:
        return list(x.columns)
    r = np.abs(np.corrcoef(x.to_numpy(np.float64), rowvar=False))
    upper = np.triu(r, k=1)
    return [c for c, column in zip(x.columns, upper.T) if not (column > threshold).any()]


def by_sklearn(flows, y, train, test, args):
    """F1 by class and seconds of every seed, for each way to balance."""
    x = filled(flows, train)
    x = x[uncorrelated(x.loc[train], args.correlation)].to_numpy(np.float32)
    xt, yt, xs = x[train], y[train], x[test]
    if args.smote:
        from imblearn.over_sampling import SMOTE
        xt, yt = SMOTE(random_state=1).fit_resample(xt, yt)
    ways = ["balanced"] + ["balanced_subsample"] * args.uniform
    return [[fit(xt, yt, xs, y[test], way, seed, args) for seed in range(1, args.seeds + 1)] for way in ways]


def fit(x, y, x_test, y_test, balance, seed, args):
    forest = RandomForestClassifier(args.trees, max_depth=args.depth or None, class_weight=balance, n_jobs=-1, random_state=seed)
    start = time.time()
    forest.fit(x, y)
    seconds = time.time() - start
    return f1_score(y_test, forest.predict(x_test), average=None, labels=np.unique(y)), seconds


def by_firetower(path, fold, classes, seed, args, out):
    recipe = os.path.join(out, "recipe.yaml")
    with open(recipe, "w") as f:
        f.write(f"""deduplicate: false
exclude: []
correlation: {args.correlation}
smote: {{enabled: {str(args.smote).lower()}, neighbours: 5, most: 0}}
elimination: {{enabled: false}}
depth: {{enabled: false}}
trees: {{enabled: false}}
forest: {{trees: {args.trees}, max_depth: {args.depth}, max_features: 0, min_leaf: 1, criterion: gini, bootstrap: true, balanced: true, benign_weight: 1}}
leave_one_out: false
refit: false
""")
    subprocess.run([args.bin, "train", "--preset", "paper", "--recipe", recipe, "--group", "Fold", "--test-group", fold,
                    "--seed", str(seed), "--data", path, "--out", out], check=True, capture_output=True)
    with open(os.path.join(out, "metrics.json")) as f:
        m = json.load(f)
    seconds = sum(s["seconds"] for s in m["steps"] if s["name"] == "forest")
    f1 = {c["name"]: c["f1"] for c in m["classes"]}
    return [f1[c] for c in classes], seconds


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--bin", default="bin/firetower")
    a.add_argument("--repeats", type=int, default=2)
    a.add_argument("--folds", type=int, default=5)
    a.add_argument("--seeds", type=int, default=1)
    a.add_argument("--trees", type=int, default=14)
    a.add_argument("--depth", type=int, default=8)
    a.add_argument("--smote", action="store_true")
    a.add_argument("--correlation", type=float, default=0.8)
    a.add_argument("--uniform", action="store_true")
    a.add_argument("flows", nargs="+")
    args = a.parse_args()
    flows = pd.concat([pd.read_csv(f, low_memory=False) for f in args.flows], ignore_index=True)
    flows = flows.drop_duplicates(subset=[c for c in flows.columns if c not in NO_FEATURE] + ["Label"], ignore_index=True)
    y = flows["Label"].map(class_of).to_numpy()
    names = ["firetower", "scikit-learn"] + ["scikit-learn, rows drawn alike"] * args.uniform
    classes = np.unique(y)
    f1, seconds = [], []
    with tempfile.TemporaryDirectory() as d:
        for repeat in range(args.repeats):
            folds = StratifiedKFold(args.folds, shuffle=True, random_state=repeat)
            parts = list(folds.split(flows, y))
            column = np.empty(len(flows), object)
            for k, (_, test) in enumerate(parts):
                column[test] = f"f{k}"
            path = os.path.join(d, "flows.csv")
            flows.assign(Fold=column).to_csv(path, index=False)
            for k, (train, test) in enumerate(parts):
                seeds = range(1, args.seeds + 1)
                ways = [[by_firetower(path, f"f{k}", classes, seed, args, d) for seed in seeds], *by_sklearn(flows, y, train, test, args)]
                for of_seed in zip(*ways):
                    f1.append([by_class for by_class, _ in of_seed])
                    seconds.append([s for _, s in of_seed])
                said = (f"{name} {np.mean(f1[-args.seeds:], axis=(0, 2))[i]:.4f}" for i, name in enumerate(names))
                print(f"repeat {repeat} fold {k}: macro-F1 " + ", ".join(said), flush=True)
    f1, seconds = np.array(f1), np.median(seconds, axis=0)
    macro, n = f1.mean(axis=2), np.sqrt(len(f1))
    for i, name in enumerate(names):
        d = macro[:, 0] - macro[:, i]
        print(f"{name}: macro-F1 {macro[:, i].mean():.4f} +- {macro[:, i].std(ddof=1) / n:.4f}, trained in {seconds[i]:.2f} s (median)"
              + (f"; firetower's is {d.mean():+.4f} +- {d.std(ddof=1) / n:.4f} from it on the same folds" if i else ""))
        print("  F1 by class: " + ", ".join(f"{c} {v:.3f}" for c, v in zip(classes, f1.mean(axis=0)[i])))


if __name__ == "__main__":
    main()

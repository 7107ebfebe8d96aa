"""Trains a TopK sparse autoencoder in PyTorch on a harvest's shards, as Monoscope trains one; prints what it explains as JSON."""
import json
import math
import sys

import numpy as np
import pyarrow as pa
import torch

folder, config = sys.argv[1], json.loads(sys.argv[2])
F, k, B, steps = config["width"], config["k"], config["batch"], config["steps"]
with open(f"{folder}/manifest.json") as file:
    manifest = json.load(file)
D = manifest["model"]["width"]
torch.manual_seed(0)


def rows(split):
    parts = []
    for shard in manifest["shards"]:
        with pa.memory_map(f"{folder}/{shard['name']}") as source:
            for batch in pa.ipc.open_file(source).read_all().to_batches():
                values = batch.column("activation").flatten().to_numpy(zero_copy_only=False).reshape(-1, D)
                parts.append(values[batch.column("split").to_numpy() == split].astype(np.float32))
    return torch.from_numpy(np.concatenate(parts))


def geometric_median(x):
    center = x.mean(0)
    for _ in range(50):
        weights = 1 / (x - center).norm(dim=1).clamp(min=1e-12)
        center = (weights[:, None] * x).sum(0) / weights.sum()
    return center


train, validation = rows(1), rows(2)
order = torch.randperm(len(train))
sample = train[order[:4096]]
scale = math.sqrt(D) / sample.norm(dim=1).mean()
train, validation = train * scale, validation * scale

W_dec = torch.nn.Parameter(torch.nn.functional.normalize(torch.randn(F, D), dim=1))
W_enc = torch.nn.Parameter(W_dec.detach().clone())
b_enc = torch.nn.Parameter(torch.zeros(F))
b_dec = torch.nn.Parameter(geometric_median(sample * scale))
parameters = [W_enc, b_enc, W_dec, b_dec]
optimiser = torch.optim.Adam(parameters, lr=config["rate"], fused=True)
silent = torch.zeros(F)
k_aux, falling = min(F, math.ceil(D / 2)), round(steps * config["decayShare"])


def encoded(x):
    pre = (x - b_dec) @ W_enc.T + b_enc
    values, indices = pre.topk(k, dim=-1, sorted=False)
    return pre, torch.zeros_like(pre).scatter(-1, indices, torch.relu(values))


def rate(step):
    left = steps - step
    return config["rate"] * min(1, (step + 1) / config["warmup"]) * (1 if left > falling else left / (falling + 1))


at = 0
for step in range(steps):
    if at + B > len(order):
        # the end of a pass, and the beginning of the next in another order
        order, at = torch.cat([order[at:], torch.randperm(len(train))]), 0
    x = train[order[at : at + B]]
    at += B
    pre, features = encoded(x)
    error = x - (features @ W_dec + b_dec)
    loss = error.square().sum(-1).mean()
    dead = silent > config["deadAfter"]
    if dead.any():
        values, indices = pre.masked_fill(~dead, -1e9).topk(k_aux, dim=-1, sorted=False)
        explained = torch.zeros_like(pre).scatter(-1, indices, torch.relu(values)) @ W_dec
        share = min(dead.sum().item() / k_aux, 1) * config["auxCoefficient"]
        loss = loss + share * (explained - error.detach()).square().sum(-1).mean()
    optimiser.zero_grad()
    loss.backward()
    with torch.no_grad():
        W_dec.grad -= (W_dec.grad * W_dec).sum(1, keepdim=True) * W_dec
        torch.nn.utils.clip_grad_norm_(parameters, config["clip"])
        optimiser.param_groups[0]["lr"] = rate(step)
        optimiser.step()
        W_dec.div_(W_dec.norm(dim=1, keepdim=True))
        silent = torch.where((features > 0).any(0), torch.zeros(F), silent + B)

with torch.no_grad():
    errors, active = 0.0, 0
    for x in validation.split(B):
        _, features = encoded(x)
        errors += (x - (features @ W_dec + b_dec)).double().square().sum().item()
        active += (features > 0).sum().item()
    deviation = (validation.double() - validation.double().mean(0)).square().sum().item()
print(json.dumps({"torch": torch.__version__, "fvu": errors / deviation, "l0": active / len(validation)}))

"""One training step of a TopK sparse autoencoder in PyTorch, its codes multiplied whole (eager, fused Adam): prints seconds as JSON."""
import json
import sys
import time

import torch

D, F, B, k, threads, repeats = map(int, sys.argv[1:7])
torch.set_num_threads(threads)
torch.manual_seed(0)
W_enc = torch.nn.Parameter(torch.randn(D, F) / D**0.5)
b_enc = torch.nn.Parameter(torch.zeros(F))
W_dec = torch.nn.Parameter(torch.nn.functional.normalize(torch.randn(F, D), dim=1))
b_dec = torch.nn.Parameter(torch.zeros(D))
parameters = [W_enc, b_enc, W_dec, b_dec]
optimiser = torch.optim.Adam(parameters, lr=1e-3, fused=True)
batches = torch.rand(4, B, D) * 2 - 1
print(json.dumps({"torch": torch.__version__}), flush=True)


def step(x):
    pre = (x - b_dec) @ W_enc + b_enc
    values, indices = pre.topk(k, dim=-1, sorted=False)
    features = torch.zeros_like(pre).scatter(-1, indices, torch.relu(values))
    loss = (features @ W_dec + b_dec - x).square().sum(-1).mean()
    optimiser.zero_grad()
    loss.backward()
    with torch.no_grad():
        # the decoder keeps norm 1, so its gradient loses what lies along it
        W_dec.grad -= (W_dec.grad * W_dec).sum(1, keepdim=True) * W_dec
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        W_dec.div_(W_dec.norm(dim=1, keepdim=True))


# one round of steps for every line that comes in, so that the sides can take turns
for line in sys.stdin:
    start = time.perf_counter()
    for turn in range(repeats):
        step(batches[turn % 4])
    print(json.dumps({"seconds": (time.perf_counter() - start) / repeats}), flush=True)

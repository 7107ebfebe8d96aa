"""One training step of a ReLU+L1 sparse autoencoder in PyTorch (eager, fused Adam): prints seconds as JSON."""
import json
import sys
import time

import torch

D, F, B, threads, repeats = map(int, sys.argv[1:6])
torch.set_num_threads(threads)
torch.manual_seed(0)
W_enc = torch.nn.Parameter(torch.randn(D, F) * 0.05)
b_enc = torch.nn.Parameter(torch.zeros(F))
W_dec = torch.nn.Parameter(torch.randn(F, D) * 0.05)
b_dec = torch.nn.Parameter(torch.zeros(D))
optimiser = torch.optim.Adam([W_enc, b_enc, W_dec, b_dec], lr=1e-3, fused=True)
batches = torch.rand(4, B, D) * 2 - 1
print(json.dumps({"torch": torch.__version__}), flush=True)


@torch.no_grad()
def products(x, features, error):
    """The five of a step, two forward and three backward."""
    x @ W_enc, features @ W_dec, features.T @ error, error @ W_dec.T, x.T @ features


# one round of steps for every line that comes in, so that the two sides can take turns
for line in sys.stdin:
    start = time.perf_counter()
    for turn in range(repeats):
        x = batches[turn % 4]
        features = torch.relu(x @ W_enc + b_enc)
        error = features @ W_dec + b_dec - x
        loss = (error.square().sum() + 1e-3 * features.sum()) / B
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    step = (time.perf_counter() - start) / repeats
    start = time.perf_counter()
    for turn in range(repeats):
        products(batches[turn % 4], features, error)
    alone = (time.perf_counter() - start) / repeats
    print(json.dumps({"seconds": step, "products": alone}), flush=True)

"""Loads an SAE's folder in SAELens and compares its reconstruction of the rows in a file with the one stored there."""
import json
import sys

import torch
from safetensors.torch import load_file
from sae_lens import SAE

sae = SAE.load_from_disk(sys.argv[1])
stored = load_file(sys.argv[2])
with torch.no_grad():
    found = sae.decode(sae.encode(stored["x"]))
wanted = stored["reconstruction"]
difference = ((found - wanted).abs().max() / wanted.abs().max()).item()
print(json.dumps({"architecture": sae.cfg.architecture(), "difference": difference}))

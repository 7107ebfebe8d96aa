"""LLaMA in transformers, float32 on the CPU: prints seconds of what each line asks for, "harvest" or "decode", as JSON."""
import json
import sys
import time

import torch
import transformers

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
folder, ids_file, layer, B, T, new_tokens, threads = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:8])
torch.set_num_threads(threads)
start = time.perf_counter()
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
loaded = time.perf_counter() - start
ids = json.load(open(ids_file))
batch = torch.tensor(ids[: B * T]).reshape(B, T)
prompt = torch.tensor([ids[:16]])
layers = model.model.layers
print(
    json.dumps({"torch": torch.__version__, "transformers": transformers.__version__, "seconds": loaded}), flush=True
)

for line in sys.stdin:
    start = time.perf_counter()
    with torch.no_grad():
        if line.strip() == "harvest":
            # the blocks up to the layer, as the last hidden state; the final norm on it costs next to nothing
            model.model.layers = layers[: layer + 1]
            model.model(batch, use_cache=False)
            model.model.layers = layers
            seconds = time.perf_counter() - start
        else:
            # the prompt's own run is taken off
            one = {"do_sample": False, "eos_token_id": None, "pad_token_id": 0}
            model.generate(prompt, max_new_tokens=1, **one)
            first = time.perf_counter()
            model.generate(prompt, max_new_tokens=1 + new_tokens, **one)
            seconds = time.perf_counter() - first - (first - start)
    print(json.dumps({"seconds": seconds}), flush=True)

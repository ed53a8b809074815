"""QLoRA with peft and transformers' Trainer alone, as a tutorial writes it: the bench's other side."""

import json
import resource
import sys
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, Trainer, TrainingArguments

model_path, data_path, out, compute, steps, batch = *sys.argv[1:5], int(sys.argv[5]), int(sys.argv[6])
dtype = {"bf16": torch.bfloat16, "fp32": torch.float32}[compute]
tokenizer = AutoTokenizer.from_pretrained(model_path)
model = AutoModelForCausalLM.from_pretrained(
    model_path,
    dtype=dtype,
    device_map={"": "cuda:0" if torch.cuda.is_available() else "cpu"},
    quantization_config=BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    ),
)
model = get_peft_model(
    model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", lora_dropout=0.0, task_type="CAUSAL_LM")
)

rows = []
with open(data_path, encoding="utf-8") as file:
    for line in file:
        row = json.loads(line)
        asked = [{"role": "user", "content": row["prompt"]}]
        prompt = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
        whole = tokenizer.apply_chat_template(
            [*asked, {"role": "assistant", "content": row["completion"]}], tokenize=False
        )
        ids = tokenizer(whole, add_special_tokens=False)["input_ids"][:512]
        start = len(tokenizer(prompt, add_special_tokens=False)["input_ids"])
        rows.append({"input_ids": ids, "labels": [-100] * start + ids[start:]})

tokens = []  # of each batch; one more is made than is trained on


def collate(batch_rows: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
    longest = max(len(row["input_ids"]) for row in batch_rows)
    tokens.append(sum(len(row["input_ids"]) for row in batch_rows))
    padded = {"input_ids": [], "attention_mask": [], "labels": []}
    for row in batch_rows:
        padding = longest - len(row["input_ids"])
        padded["input_ids"].append(row["input_ids"] + [tokenizer.pad_token_id] * padding)
        padded["attention_mask"].append([1] * len(row["input_ids"]) + [0] * padding)
        padded["labels"].append(row["labels"] + [-100] * padding)
    return {name: torch.tensor(values) for name, values in padded.items()}


trainer = Trainer(
    model=model,
    args=TrainingArguments(
        output_dir=out,
        max_steps=steps,
        per_device_train_batch_size=batch,
        learning_rate=2e-4,
        lr_scheduler_type="cosine",
        bf16=compute == "bf16",
        use_cpu=not torch.cuda.is_available(),
        optim="adamw_torch_fused",
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        seed=42,
    ),
    train_dataset=rows,
    data_collator=collate,
)
began = time.perf_counter()
trainer.train()
seconds = time.perf_counter() - began
peak = (
    torch.cuda.max_memory_allocated()
    if torch.cuda.is_available()
    else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
)
print(
    json.dumps(
        {
            "tokens_per_second": sum(tokens[:steps]) / seconds,
            "peak_memory_bytes": peak,
            "losses": [entry["loss"] for entry in trainer.state.log_history if "loss" in entry],
        }
    )
)

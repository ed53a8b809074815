// Runs a GGUF file by node-llama-cpp for the program that has started it: requests as lines of JSON in, answers out.
//
// node runtime.mjs FOLDER, where FOLDER holds node_modules/node-llama-cpp. Each answer carries its request's number.
//   {load: FILE, context, threads, lora: [{path, scale}]}  -> {loaded: {context, tokens}}
//   {tokenize: [TEXT], special}                      -> {ids: [[ID]]}
//   {ask: [ID], most, temperature, topP, topK, repetition, seed, ends: [ID]} -> {id, text} for each, then {done: REASON}
//   {stop: NUMBER}                                   -> ends that "ask" after its token
import {createInterface} from "node:readline";
import path from "node:path";
import {pathToFileURL} from "node:url";

const folder = process.argv[2];
const module = await import(pathToFileURL(path.join(folder, "node_modules/node-llama-cpp/dist/index.js")).href);
let complaints = [];
const llama = await module.getLlama({
    gpu: "auto",
    build: "never",
    logLevel: module.LlamaLogLevel.error,
    logger: (_level, message) => complaints.push(message.trim()),
});
let model, context, sequence;
const stopped = new Set();

function say(number, answer) {
    process.stdout.write(JSON.stringify({number, ...answer}) + "\n");
}

async function load(number, {load, context: size, threads, lora}) {
    await context?.dispose();
    await model?.dispose();
    model = await llama.loadModel({modelPath: load});
    const adapters = (lora ?? []).map(({path: filePath, scale}) => ({filePath, scale}));
    context = await model.createContext({
        contextSize: Math.min(size, model.trainContextSize),
        threads,
        ...(adapters.length ? {lora: {adapters}} : {}),
    });
    sequence = context.getSequence();
    say(number, {loaded: {context: context.contextSize, tokens: model.fileInfo.metadata.tokenizer.ggml.tokens.length}});
}

async function ask(number, {ask: ids, most, temperature, topP, topK, repetition, seed, ends}) {
    // What stays of the last question is not calculated anew.
    await sequence.adaptStateToTokens(ids, false);
    const kept = sequence.nextTokenIndex;
    const start = kept < ids.length ? kept : ids.length - 1;
    if (start < kept)
        await sequence.eraseContextTokenRanges([{start, end: kept}]);
    const given = ids.slice(start);
    const before = ids.slice();
    const penalty = repetition === 1 ? undefined : {punishTokens: () => before.slice(-64), penalty: repetition};
    let count = 0, reason = "length";
    const options = {temperature, topP, topK, seed, yieldEogToken: true, repeatPenalty: penalty};
    for await (const token of most ? sequence.evaluate(given, options) : []) {
        if (stopped.delete(number)) {
            reason = "stopped";
            break;
        }
        if (ends.includes(token)) {
            reason = "end";
            break;
        }
        say(number, {id: token, text: model.detokenize([token], true, before.slice(-4))});
        before.push(token);
        if (++count >= most)
            break;
    }
    say(number, {done: reason});
}

async function answer(request) {
    const {number} = request;
    complaints = [];
    try {
        if (request.load !== undefined)
            await load(number, request);
        else if (request.tokenize !== undefined)
            say(number, {ids: request.tokenize.map((text) => Array.from(model.tokenize(text, request.special)))});
        else if (request.ask !== undefined)
            await ask(number, request);
    } catch (error) {
        say(number, {failed: complaints[0] || String(error?.message ?? error)});
    }
}

say(0, {ready: llama.llamaCppRelease.release});
let last = Promise.resolve();
for await (const line of createInterface({input: process.stdin})) {
    const request = JSON.parse(line);
    if (request.stop !== undefined)
        stopped.add(request.stop);
    else
        last = last.then(() => answer(request));
}
await last;
process.exit(0);

// Processes of a benchmark: started on a core, measured from the kernel's exact accounts, ended.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { once } from 'node:events';

const running = new Set();

/** Starts a program on one core; resolves when it says "ready URL", or at once with `silent`. */
export async function start(core, command, { env = {}, silent = false, echo = true } = {}) {
  const began = performance.now();
  const child = spawn('taskset', ['-c', String(core), ...command], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return code ?? signal;
  });
  const one = { pid: child.pid, child, ended, text: '', errors: '' };
  child.stderr.on('data', (bytes) => {
    one.errors = (one.errors + bytes).slice(-20000);
  });
  if (silent) {
    child.stdout.on('data', (bytes) => {
      one.text += bytes;
    });
    return one;
  }
  one.url = await new Promise((resolve, reject) => {
    let seen = '';
    child.stdout.on('data', (bytes) => {
      if (one.url) return;
      seen += bytes;
      const found = /^ready (http:\/\/\S+)$/m.exec(seen);
      if (found) resolve(found[1]);
    });
    ended.then((code) => reject(new Error(`${command.join(' ')} ended with ${code}:\n${seen.slice(-3000)}\n${one.errors}`)));
  });
  one.port = Number(new URL(one.url).port);
  one.startMs = performance.now() - began;
  return one;
}

export async function stop(one, signal = 'SIGTERM') {
  one.child.kill(signal);
  return one.ended;
}
export function stopAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** Nanoseconds on a processor, of all threads that live: the scheduler's own sum, not sampled. */
export function cpuNs(pid) {
  let sum = 0n;
  for (const task of readdirSync(`/proc/${pid}/task`)) sum += BigInt(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  return Number(sum);
}

export function rssMb(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
}

/** Prometheus text as {name or name{labels}: value}. */
export async function metrics(url) {
  const text = await (await fetch(new URL('metrics', url))).text();
  const values = {};
  for (const line of text.split('\n')) {
    const space = line.lastIndexOf(' ');
    if (line && !line.startsWith('#')) values[line.slice(0, space)] = Number(line.slice(space + 1));
  }
  return values;
}

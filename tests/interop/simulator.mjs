// Starts a simulator for one test, and speaks its control API.
import { spawn } from 'node:child_process';

const simulator = process.env.XIEBAN_SIM ?? 'build/release/xieban-sim';

/** Runs `body(url, control)`; `to`: base URL of whoever plays the bot. */
export async function withSimulator(platform, body, { to = '', args = [] } = {}) {
  const child = spawn(simulator, [platform, '--listen', '127.0.0.1:0', ...(to ? ['--to', to] : []), ...args]);
  try {
    const url = await new Promise((resolve, reject) => {
      child.stdout.on('data', (bytes) => {
        const found = /ready (http:\S+)\//.exec(String(bytes));
        if (found) resolve(found[1]);
      });
      child.on('close', (code) => reject(new Error(`the simulator ended with ${code}`)));
    });
    const control = async (path, content, method = content === undefined ? 'GET' : 'POST') => {
      const answer = await fetch(`${url}/_sim/${path}`, { method, body: content === undefined ? undefined : JSON.stringify(content) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path} ${JSON.stringify(content)}: ${answer.status} ${text}`);
      return JSON.parse(text);
    };
    await body(url, control);
  } finally {
    child.kill();
  }
}

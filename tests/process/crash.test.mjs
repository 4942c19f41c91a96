// kill -9 under load: everything that was answered is on disk, once; nothing needs a hand to mend it. (T5, T8, G1-G4, G7)
// XIEBAN_KILLS sets how often; the campaign target uses 1000.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Bot, folder, last, run } from './support.mjs';

const kills = Number(process.env.XIEBAN_KILLS ?? 200);

function query(data, sql) {
  const text = execFileSync('sqlite3', ['-json', join(data, 'xieban.db'), sql], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return text.trim() ? JSON.parse(text) : [];
}

/** Repeatable chance: a failing run prints its seed. */
function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test(`kill -9 ${kills} times under load: nothing answered is missing, nothing is there twice`, { timeout: 2_900_000 }, async () => {
  const seed = Number(process.env.XIEBAN_SEED ?? 20261121);
  const random = chance(seed);
  const data = folder();
  const answered = new Set();
  const tried = new Set();
  let next = 0;
  let slowest = 0;
  try {
    let bot = await new Bot(data).start();
    const world = await bot.world();
    const chat = world.chats[0].id;
    const people = world.chats[0].members;
    const first = await bot.say(chat, world.people[0].id, '/发起 压力下的协作 给技术部 截止 后天18点');
    const live = last(first.messages, (one) => one.chat === chat && one.kind === 'card');
    const short = String(Number(live.request.slice(-4)));

    for (let kill = 0; kill < kills; ++kill) {
      let running = true;
      const client = async () => {
        while (running) {
          const mark = `n-${++next}-x`;
          const person = people[next % people.length];
          tried.add(mark);
          try {
            await bot.say(chat, person, `/备注 ${short} ${mark}`);
            answered.add(mark);
          } catch {
            if (running) await pause(2);
          }
        }
      };
      const had = answered.size;
      const clients = Array.from({ length: 8 }, client);
      // The moment is a chance of the seed; only where nothing was answered yet it waits for the load to be real.
      await pause(20 + random() * 120);
      for (const end = performance.now() + 20_000; answered.size <= had + 1 && performance.now() < end; ) await pause(5);
      const dead = bot.kill('SIGKILL');
      await dead;
      running = false;
      await Promise.all(clients);
      const before = performance.now();
      bot = await new Bot(data).start();
      slowest = Math.max(slowest, performance.now() - before);
    }
    await pause(300);
    assert.equal((await bot.get('readyz')).status, 200);
    const stopped = await bot.kill('SIGTERM');
    assert.equal(stopped.code, 0, 'an orderly end after the last kill');

    const noted = query(data, "select body from history where kind = 'noted'").map((row) => /n-\d+-x/.exec(row.body)?.[0]);
    const counts = new Map();
    for (const mark of noted) counts.set(mark, (counts.get(mark) ?? 0) + 1);
    const missing = [...answered].filter((mark) => !counts.has(mark));
    const doubled = [...counts].filter(([, count]) => count > 1);
    const unknown = [...counts.keys()].filter((mark) => !tried.has(mark));
    assert.deepEqual({ missing, doubled, unknown }, { missing: [], doubled: [], unknown: [] }, `seed ${seed}`);
    assert.ok(answered.size > kills, `the load was real: ${answered.size} answered`);

    const chain = await run(['verify-history', '--data', data]);
    assert.equal(chain.code, 0, chain.stdout + chain.stderr);
    assert.match(chain.stdout, /^ok \d+ entries, \d+ chains, anchor sha256:[0-9a-f]{64}/);
    console.log(`seed ${seed}: ${kills} kills, ${tried.size} sent, ${answered.size} answered, slowest start ${slowest.toFixed(0)} ms`);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

test('SIGTERM under load: in flight is done or refused, the end is orderly and quick', async () => {
  const data = folder();
  try {
    const bot = await new Bot(data).start();
    const world = await bot.world();
    const chat = world.chats[0].id;
    const first = await bot.say(chat, world.people[0].id, '/发起 停机演练 给技术部 截止 后天18点');
    const short = String(Number(last(first.messages, (one) => one.chat === chat && one.kind === 'card').request.slice(-4)));
    const answered = [];
    let running = true;
    const clients = Array.from({ length: 8 }, async (_, index) => {
      for (let n = 0; running; ++n) {
        const mark = `t-${index}-${n}-x`;
        try {
          await bot.say(chat, world.people[0].id, `/备注 ${short} ${mark}`);
          answered.push(mark);
        } catch {
          return;
        }
      }
    });
    await pause(500);
    for (const end = performance.now() + 20_000; answered.length <= 10 && performance.now() < end; ) await pause(5);
    const began = performance.now();
    const ended = await bot.kill('SIGTERM');
    running = false;
    await Promise.all(clients);
    assert.deepEqual(ended, { code: 0, signal: null });
    assert.ok(performance.now() - began < 20_000);
    const noted = query(data, "select body from history where kind = 'noted'").map((row) => row.body).join('\n');
    for (const mark of answered) assert.ok(noted.includes(mark), `${mark} was answered`);
    assert.ok(answered.length > 10);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

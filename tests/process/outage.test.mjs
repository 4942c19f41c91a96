// The process is down while reminders and escalations fall due: after the start each request is at its right level, each
// person gets one notice, and the history has every missed step. (T24)
import test from 'node:test';
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Bot, folder, last } from './support.mjs';

for (const days of [1, 7, 30]) {
  test(`an outage of ${days} days ends in one notice per person and request`, async () => {
    const data = folder();
    let bot = await new Bot(data).start();
    try {
      await bot.call('reset', { now: '2026-11-23T09:00:00+08:00' });
      const world = await bot.world();
      const chat = world.chats[0].id;
      const raised = await bot.say(chat, world.people[0].id, '/发起 停机期间的协作 给技术部 截止 12月30日18点');
      const number = last(raised.messages, (one) => one.chat === chat && one.kind === 'card').request;
      await bot.kill('SIGTERM');

      // The playground's clock is the system's plus a stored offset: the outage is an offset that grew meanwhile.
      const file = join(data, 'xieban.db');
      execFileSync('sqlite3', [file, `update setting set value = cast(cast(value as integer) + ${days} * 86400000 as text) where name = 'playground.offset_ms'`]);
      bot = await new Bot(data).start();
      const before = raised.messages.at(-1).rev;
      await bot.clock({ advance: 'PT0S' });
      const fresh = (await bot.messages({ after: before })).filter((one) => one.from === 'bot' && one.request === number && one.chat.startsWith('p:'));
      const perPerson = new Map();
      for (const one of fresh.filter((message) => Date.parse(message.created_at) > Date.parse('2026-11-23T20:00:00+08:00'))) {
        perPerson.set(one.chat, (perPerson.get(one.chat) ?? 0) + 1);
      }
      const storms = [...perPerson].filter(([, count]) => count > 1);
      assert.deepEqual(storms, [], 'no storm');
      const steps = JSON.parse(execFileSync('sqlite3', ['-json', file, "select body from history where kind = 'rung_reached'"], { encoding: 'utf8' }) || '[]');
      assert.ok(steps.length >= (days === 1 ? 2 : 5), `every missed step stands in the history: ${steps.length}`);
    } finally {
      await bot.kill();
      rmSync(data, { recursive: true, force: true });
    }
  });
}

// Holiday data and types that an administrator replaces while the bot runs, on the real binary.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Bot, folder } from './support.mjs';

const sample = readFileSync('config/sample.toml', 'utf8').replace('[company]\n', '[company]\nholidays = "cn.json"\n');
const shippedHolidays = JSON.parse(readFileSync('config/holidays/cn.json', 'utf8'));

/** Until `read` answers what is wanted; the chores look every ten seconds. */
async function eventually(read, wanted, what) {
  let last;
  for (const end = performance.now() + 60_000; performance.now() < end; await pause(250)) {
    last = await read();
    if (last === wanted) return;
  }
  assert.equal(last, wanted, what);
}

async function withFiles(body) {
  const where = folder();
  const config = join(where, 'xieban.toml');
  const write = (toml, holidays) => {
    writeFileSync(config, toml);
    writeFileSync(join(where, 'cn.json'), JSON.stringify(holidays));
  };
  write(sample, shippedHolidays);
  const bot = await new Bot(join(where, 'data'), ['--config', config, '--playground']).start();
  const chat = (await bot.call('world')).chats[0].id;
  const target = async (number) => (await bot.call(`plan?request=${number}`)).plan.find((one) => one.rung === '100%')?.at;
  try {
    await bot.call('reset', { now: '2026-11-23T10:00:00+08:00' });
    await body({ bot, chat, target, write });
  } finally {
    await bot.kill();
    rmSync(where, { recursive: true, force: true });
  }
}

// The clock of the playground runs on: how long all this takes is no matter.
const hour = (time) => time?.slice(0, 13);

test('T23_a holiday that is added while clocks run moves them, and the history says so', async () => {
  await withFiles(async ({ bot, chat, target, write }) => {
    await bot.say(chat, 'han.meimei', '/发起 数据接口 给 技术部');
    assert.equal(hour(await target(1)), '2026-11-24T10');
    const changed = structuredClone(shippedHolidays);
    changed.years['2026'].holidays.push({ name: '停电', from: '2026-11-24', to: '2026-11-24' });
    write(sample, changed);
    bot.child.kill('SIGHUP');
    await eventually(async () => hour(await target(1)), '2026-11-25T10', 'the target moves by the closed day');
    const shown = await bot.say(chat, 'han.meimei', '/查看 1');
    assert.ok(shown.messages.some((one) => /把“首次响应”的到点时间由 11月24日 周二 10:00 改为 11月25日 周三 10:00/.test(one.text)), JSON.stringify(shown.messages.map((one) => one.text)));
    // A file that cannot be read changes nothing.
    write(sample, { years: 'none' });
    bot.child.kill('SIGHUP');
    await eventually(async () => bot.log.includes('kept the old one'), true, 'a bad file is said');
    assert.equal(hour(await target(1)), '2026-11-25T10');
  });
});

test('a year without data is warned of at the start and on the card', async () => {
  await withFiles(async ({ bot, chat }) => {
    assert.match(bot.log, /config\.problem.*2027/);
    assert.match((await bot.get('readyz')).body, /2027/);
    const near = await bot.say(chat, 'han.meimei', '/发起 今年的事 给 技术部');
    assert.doesNotMatch(near.messages[0].text, /放假通知/);
    const far = await bot.say(chat, 'han.meimei', '/发起 明年的事 给 技术部 截止 2027-03-01');
    assert.ok(far.messages.some((one) => /2027 年的放假通知还没有录入/.test(one.text)), JSON.stringify(far.messages.map((one) => one.text)));
  });
});

test('a changed type touches later requests only, until it is carried over', async () => {
  await withFiles(async ({ bot, chat, target, write }) => {
    await bot.say(chat, 'han.meimei', '/发起 旧的 给 技术部');
    write(`${sample}\n[[type]]\nid = "normal"\n[[type.clock]]\nid = "first_response"\ntarget = "48h"\ncalendar = "workday"\nladder = [ { at = "100%", to = ["vice_president"] } ]\n`, shippedHolidays);
    bot.child.kill('SIGHUP');
    await eventually(async () => /config\.reload.*ok/.test(bot.log), true, 'the reload');
    await bot.say(chat, 'han.meimei', '/发起 新的 给 技术部');
    assert.equal(hour(await target(1)), '2026-11-24T10');
    assert.equal(hour(await target(2)), '2026-11-25T10');
    const refused = await bot.say('p:han.meimei', 'han.meimei', '/套用策略 普通');
    assert.match(refused.messages.at(-1).text, /管理员/);
    await bot.say('p:gao.admin', 'gao.admin', '/协作 套用策略 普通');
    await eventually(async () => hour(await target(1)), '2026-11-25T10', 'the older one follows');
  });
});

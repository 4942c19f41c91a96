// The process dies at each passing of each numbered place an event takes on its way in, and a message on its way out; then the
// platform delivers again. (T1, T4)
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Company, group, people } from './feishu_support.mjs';
import { run } from './support.mjs';

const inbound = ['accepted', 'read', 'verified', 'before-commit', 'committed', 'before-answer', 'answered'];
const outbound = ['claimed', 'written', 'replied', 'recorded'];
const title = '崩溃点演练';

function rows(company, sql) {
  const text = execFileSync('sqlite3', ['-json', '-cmd', '.timeout 60000', join(company.where, 'data', 'xieban.db'), sql], { encoding: 'utf8' });
  return text.trim() ? JSON.parse(text) : [];
}
const effects = (company, kind) => rows(company, `select seq from history where kind = '${kind}'`).length;

/** True when the process has died; false when it is alive after `ms`. */
function died(company, ms) {
  return Promise.race([company.bot.exit.then(() => true), pause(ms, false, { ref: false })]);
}

/** The event until it is answered with success, as a platform does; what was answered has its effect before anything comes again. */
async function deliver(company, event, effect, place) {
  for (let tries = 0; tries < 4; ++tries) {
    const { deliveries } = await company.control('events', event);
    const answered = deliveries[0].status === 200;
    if (!answered) {
      // One that lives was only too slow for the platform, which tries again.
      if (await died(company, 10_000)) await company.startBot();
      // A platform does not send a press again; a person presses again while the card offers it.
      if (event.kind === 'press' && effects(company, effect) === 1) return;
      continue;
    }
    if (effect) assert.equal(effects(company, effect), 1, `${place}: answered with success, so it is on disk`);
    return;
  }
  assert.fail(`${place}: never answered`);
}

async function quiet(company) {
  const end = performance.now() + 60_000;
  for (;;) {
    if (await died(company, 30)) await company.startBot();
    // Not through /readyz: asking would pass the places on an event's way in.
    if (rows(company, 'select count(*) as waiting from outbox where state < 2')[0].waiting === 0) return;
    assert.ok(performance.now() < end, `the outbox never emptied: ${JSON.stringify(rows(company, 'select id, kind, state, attempts, last_error from outbox'))}`);
  }
}

/** A request is raised and accepted while the process dies at `place`; answers whether it died. */
async function story(place) {
  const company = new Company();
  let crashed = false;
  try {
    await company.start({ bot: false });
    await company.startBot(['--crash-at', place]).catch(() => {});
    const first = company.bot;
    first.exit.then(() => (crashed = true));
    if (await died(company, 0)) await company.startBot();

    const user = people['韩梅梅'][1];
    const raise = { kind: 'message', id: 'om_raise', user, chat: group, text: `@协办 /发起 ${title} 给技术部 截止 后天18点`, mentions: ['bot'] };
    await deliver(company, raise, 'raised', place);
    await quiet(company);
    await deliver(company, raise, 'raised', place);  // once more, though it was answered
    const live = await company.liveCard();
    const press = { kind: 'press', id: 'ev_accept', user: people['赵技'][1], message: live.id, action: 'accept' };
    await deliver(company, press, 'phase_moved', place);
    await quiet(company);

    const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card' && one.text.includes(title));
    assert.equal(cards.length, 1, `${place}: one live card`);
    assert.match(cards[0].text, /赵技/, `${place}: the card shows the newest state`);
    for (const [kind, count] of [['raised', 1], ['phase_moved', 1]]) assert.equal(effects(company, kind), count, `${place}: ${kind}`);
    // Each private message was seen once: the platform knows the key of a repeat.
    const told = (await company.messages()).filter((one) => one.to === people['赵技'][1]).map((one) => one.text);
    assert.deepEqual(told, [...new Set(told)], `${place}: nothing was seen twice`);
    // Each attempt stands in the ledger, and what the platform took was attempted.
    const attempts = rows(company, 'select key from attempt').map((one) => one.key);
    for (const call of await company.received('/im/v1/messages')) {
      const uuid = call.method === 'POST' ? JSON.parse(call.body).uuid : undefined;
      if (uuid) assert.ok(attempts.includes(uuid), `${place}: an attempt ${uuid} that the ledger does not know`);
    }
    // It may die behind the very last record, which may come as late as the signal.
    if (await died(company, 200)) await company.startBot();
    let ended = await company.bot.kill('SIGTERM');
    if (ended.code !== 0 && company.bot === first) {
      await company.startBot();
      ended = await company.bot.kill('SIGTERM');
    }
    assert.equal(ended.code, 0, `${place}: an orderly end`);
    const chain = await run(['verify-history', '--config', company.configFile, '--data', join(company.where, 'data')]);
    assert.equal(chain.code, 0, `${place}: ${chain.stdout}${chain.stderr}`);
    return crashed && first !== company.bot;
  } finally {
    await company.stop();
  }
}

// Most of a story is waiting for the bot's own pauses: several at once.
test('death at each place, each time it is passed', { concurrency: 4, timeout: 1_140_000 }, async (t) => {
  await Promise.all(
    [...inbound, ...outbound].map((place) =>
      t.test(place, async () => {
        let passing = 1;
        while (await story(`${place}:${passing}`)) ++passing;
        assert.ok(passing > 1, 'the place is passed at all');
        console.log(`${place}: died at ${passing - 1} passings`);
      }),
    ),
  );
});

test('a place that does not exist is refused', async () => {
  const ended = await run(['serve', '--crash-at', 'nowhere']);
  assert.equal(ended.code, 2);
  assert.match(ended.stderr, /nowhere/);
});

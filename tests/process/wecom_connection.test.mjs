// WeCom's long connection, disturbed in each way that is known: T17. No event is lost that was pushed, none is done twice.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { connected, drained, eventually, group, over, ready, secrets, smart_bot, subscriptions, toPerson } from './wecom_support.mjs';
import { WebSocketClient } from './websocket_client.mjs';

const inGroup = (one) => one.chat === group;
const at = (call) => Date.parse(call.at);
const disturb = (company, what, more = {}) => company.control('stream', { do: what, app: 'main', ...more });
const opens = async (company) => (await company.received()).filter((one) => one.method === 'GET' && one.path === '/');
const subscribes = (company) => company.received('/aibot_subscribe');
const raise = async (company, title) => {
  const said = await company.say('韩梅梅', `/发起 ${title} 给技术部 截止 后天18点`);
  assert.ok(said.deliveries[0].acked, `${title}: somebody listens`);
  await company.until((one) => inGroup(one) && one.text.includes(title), { what: title });
};
/** What was pushed is done, if not by now: this number is given out. */
async function stands(company, number) {
  const after = await company.seq();
  await company.say('李雷', `/查看 ${number}`, { chat: 'private' });
  const { text } = await company.until((one) => toPerson('李雷')(one), { after, what: `an answer about ${number}` });
  return new RegExp(`XB-\\d{4}-${String(number).padStart(4, '0')}】`).test(text);
}
/** It says while it is away that it is, and why; the reason as /readyz has it. */
const away = (company, why) =>
  eventually(async () => {
    const { streams, warnings } = await ready(company);
    return streams[0].state === 'down' && warnings.some((one) => /^wecom:main: no long connection since 20/.test(one) && why.test(one));
  }, async () => JSON.stringify(await ready(company)));

describe('the long connection', { concurrency: 6 }, () => {
  test('T17: a connection that looks open and carries nothing is noticed by two pings, and what comes after is done once', async () => {
    await over({}, async (company) => {
      const since = Date.now();
      await disturb(company, 'zombie');
      await eventually(async () => (await subscriptions(company)) > 1, 'another connection', 120_000);
      const took = Date.now() - since;
      // A third ping would be due after two minutes.
      assert.ok(took < 118_000, `${took} ms`);
      await raise(company, '僵尸连接');
      await drained(company);
      assert.equal((await company.messages()).filter(inGroup).length, 1);
    });
  });

  test('T17: told that another connection took over: closed at once, back after five seconds and not before, one connection', async () => {
    await over(
      {},
      async (company) => {
        const since = Date.now();
        await disturb(company, 'disconnect');
        await away(company, /another connection of this bot took over/);
        await connected(company, 2);
        const made = (await subscribes(company)).map(at);
        assert.ok(made[1] - since >= 4900 && made[1] - since < 60_000, `${made[1] - since} ms`);
        // The simulator leaves the old one open: closing it is up to the bot.
        assert.equal((await disturb(company, 'unknown_command')).connections, 1);
        await raise(company, '接管之后');
      },
      { limits: { old_connection_closes_ms: -1 } },
    );
  });

  test('T17: another process with the same bot: it is left alone for a while, and the bot is not fought over without pause', async () => {
    await over({}, async (company) => {
      const takes = [];
      for (let i = 1; i <= 2; ++i) {
        const other = await WebSocketClient.open(company.simUrl.replace('http', 'ws'));
        let told = false;
        other.onMessage = (text) => (told ||= text.includes('disconnected_event'));
        other.send(JSON.stringify({ cmd: 'aibot_subscribe', headers: { req_id: `other${i}` }, body: { bot_id: smart_bot.bot_id, secret: smart_bot.secret } }));
        const since = Date.now();
        await eventually(() => told, 'the bot takes its place again', 60_000);
        takes.push(Date.now() - since);
      }
      for (const one of takes) assert.ok(one >= 4800, `${takes}`);
      await raise(company, '抢来抢去');
      for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
    });
  });

  test('T17: closed, reset, garbage, fragments, control characters, unknown commands: it serves before and after, each message once', async () => {
    await over({}, async (company) => {
      const ways = { close: 2, fragment: 2, garbage: 2, unknown_command: 2, control_characters: 2, kick: 3 };
      for (const [index, [way, standing]] of Object.entries(ways).entries()) {
        await disturb(company, way);
        await connected(company, standing);
        await raise(company, `扰动${index}号`);
      }
      await drained(company);
      const shown = (await company.messages()).filter(inGroup);
      assert.equal(shown.length, 6, shown.map((one) => one.text).join('\n'));
      assert.equal(await subscriptions(company), 3, 'only what ends a connection ends it');
    });
  });

  test('T17: what is repeated because nobody answered is done once, however often the connection breaks meanwhile', async () => {
    await over({}, async (company) => {
      const text = '/发起 断线途中 给技术部 截止 后天18点';
      let heard = 0;
      for (let i = 1; i <= 4; ++i) {
        const said = company.say('韩梅梅', text, { id: 'msgAgain', copies: 3, parallel: true });
        const broken = disturb(company, i % 2 ? 'kick' : 'close');
        heard += (await said).deliveries.filter((one) => one.acked).length;
        await broken;
        await connected(company, i + 1);
      }
      assert.ok(heard > 0, 'some of them arrived');
      await company.say('韩梅梅', text, { id: 'msgAgain' });
      await company.until((one) => inGroup(one) && one.text.includes('断线途中'));
      await drained(company);
      const numbers = new Set((await company.messages()).flatMap((one) => one.text.match(/XB-\d{4}-\d{4}/g) ?? []));
      assert.equal(numbers.size, 1, [...numbers].join());
    });
  });

  test('T17: fifty messages and then the connection ends: all that was pushed is done, once', async () => {
    // A reset takes with it what was not read yet; these do not.
    for (const way of ['close', 'disconnect']) {
      await over({ app: 'quiet' }, async (company) => {
        const said = await Promise.all(Array.from({ length: 50 }, (_, i) => company.say('韩梅梅', `/发起 突发${1000 + i}号 给技术部 截止 后天18点`)));
        await disturb(company, way);
        for (const one of said) assert.ok(one.deliveries[0].acked, 'it was pushed before the end');
        await connected(company, 2);
        // Fifty requests have fifty numbers; what is shown of them waits for its minute.
        await eventually(() => stands(company, 50), `${way}: the fiftieth`, 120_000);
        const after = await company.seq();
        await company.say('李雷', '/查看 51', { chat: 'private' });
        const none = await company.until((one) => toPerson('李雷')(one), { after, what: 'no fifty-first' });
        assert.doesNotMatch(none.text, /XB-\d{4}-0051】/, way);
      });
    }
  });

  test('T17: a platform that refuses connections: asked again with growing pauses', async () => {
    await over({}, async (company) => {
      const before = (await opens(company)).length;
      await disturb(company, 'refuse', { ms: 30_000 });
      await disturb(company, 'kick');
      await connected(company, 2);
      const made = (await opens(company)).slice(before).map(at);
      assert.ok(made.length >= 3 && made.length <= 8, `${made.length} in 30 seconds`);
      const gaps = made.slice(1).map((one, i) => one - made[i]);
      assert.ok(Math.max(...gaps) > 1.5 * Math.min(...gaps), `growing: ${gaps}`);
      await raise(company, '重连风暴');
    });
  });

  test('T17: a subscription without acknowledgement is tried again, one that is acknowledged late is used', async () => {
    await over({}, async (company) => {
      await disturb(company, 'lost_acks', { cmd: 'aibot_subscribe', times: 1 });
      await disturb(company, 'kick');
      await connected(company, 3);
      const made = (await subscribes(company)).map(at);
      assert.ok(made[2] - made[1] >= 7000 && made[2] - made[1] < 60_000, `${made[2] - made[1]} ms`);
      await raise(company, '没有确认');
      await disturb(company, 'late_acks', { cmd: 'aibot_subscribe', times: 1, ms: 3000 });
      await disturb(company, 'kick');
      await connected(company, 4);
      // Before the acknowledgement nothing may be sent: what is due waits for it.
      await raise(company, '确认来迟');
      assert.deepEqual((await company.received('/aibot_')).filter((one) => one.code === 846609), []);
      assert.equal(await subscriptions(company), 4);
    });
  });

  test('a bot_id or secret that is not right: said in /readyz, and not tried again and again', async () => {
    await over({}, async (company) => {
      const world = await company.control('world');
      const change = (secret) => company.control('world', { apps: [{ ...world.apps[0], bot: { ...world.apps[0].bot, secret } }] }, 'PUT');
      await change('another');
      await disturb(company, 'kick');
      await away(company, /bot_id or secret is not right/);
      const made = (await subscribes(company)).length;
      const end = Date.now() + 6000;
      await eventually(() => Date.now() > end, 'six seconds');
      assert.equal((await subscribes(company)).length, made, 'each failure brings the bot nearer to being locked');
      for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
    });
  });

  test('T17: what was pushed while the database is busy is done, though the connection that brought it ends meanwhile', async () => {
    await over({}, async (company) => {
      const lock = spawn('sqlite3', [join(company.where, 'data', 'xieban.db')]);
      try {
        lock.stdin.write(".timeout 60000\nbegin immediate; select 'locked';\n");
        await once(lock.stdout, 'data');
        const said = await company.say('韩梅梅', '/发起 存储忙着 给技术部 截止 后天18点');
        assert.ok(said.deliveries[0].acked);
        // "late" where it stood behind something else that waited for the lock.
        await eventually(() => /"outcome":"(busy|late)"/.test(company.bot.log), 'it cannot be written yet');
        await disturb(company, 'close');
      } finally {
        lock.stdin.end('rollback;\n');
        await once(lock, 'close');
      }
      await connected(company, 2);
      await company.until((one) => inGroup(one) && one.text.includes('存储忙着'), { what: 'the platform sends it once only' });
    });
  });

  test('a hand-over: a second process on the same store does not even connect; what was pushed to the first is done, the next one goes on', async () => {
    await over({ app: 'quiet' }, async (company) => {
      const second = spawn(process.env.XIEBAN_BINARY ?? 'build/release/xieban', ['serve', '--config', company.configFile, '--data', join(company.where, 'data'), '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] });
      let why = '';
      second.stderr.on('data', (bytes) => (why += bytes));
      assert.deepEqual(await once(second, 'close'), [3, null], why);
      assert.equal((await subscribes(company)).length, 1, 'one connection');

      // People go on talking while the process is replaced; only what was pushed to one of the two counts.
      let stop = false;
      let pushed = 0;
      const talking = (async () => {
        for (let i = 0; !stop; ++i) {
          const said = await company.say('韩梅梅', `/发起 交接${1000 + i}号 给技术部 截止 后天18点`);
          pushed += said.deliveries.filter((one) => one.acked).length;
        }
      })();
      for (let i = 2; i <= 4; ++i) {
        const had = pushed;
        await eventually(() => pushed >= had + 8, 'they talk');
        assert.equal((await company.bot.kill('SIGTERM')).code, 0, 'an orderly end');
        await company.startBot();
        await connected(company, i);
      }
      stop = true;
      await talking;
      await eventually(() => stands(company, pushed), 'the last', 120_000);
      const after = await company.seq();
      await company.say('李雷', `/查看 ${pushed + 1}`, { chat: 'private' });
      const none = await company.until((one) => toPerson('李雷')(one), { after, what: 'no further one' });
      assert.doesNotMatch(none.text, new RegExp(`XB-\\d{4}-${String(pushed + 1).padStart(4, '0')}】`));
    });
  });
});

// Feishu's long connection and a gateway that dies, hangs, sends garbage or refuses: T17. No event is lost, none is done twice,
// and the bot comes back as the platform wants it.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { connected, drained, eventually, ready } from './dingtalk_support.mjs';
import { over } from './feishu_over.mjs';
import { group, people, secrets } from './feishu_support.mjs';

const endpoint = '/callback/ws/endpoint';
const toPerson = (name) => (one) => one.to === people[name][1];
const at = (call) => Date.parse(call.at);
const cardsInGroup = async (company) => (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
const disturb = (company, what, more = {}) => company.control('stream', { do: what, app: 'main', ...more });
const asked = async (company) => (await company.received(endpoint)).map(at);
/** How often a connection was made. */
const opened = async (company) => (await company.received('/ws/v2')).filter((one) => one.method === 'GET' && one.accepted).length;
/** The n-th connection stands. */
async function standing(company, n) {
  await eventually(async () => (await opened(company)) >= n, () => `connection ${n}: ${company.bot.log.slice(-2000)}`, 90_000);
  await connected(company);
}
const raise = (company, title) => company.say('韩梅梅', `/发起 ${title} 给技术部 截止 后天18点`);
const shown = (company, title) => company.until((one) => one.chat === group && one.text.includes(title), { what: title });
/** The platform sends an event that nobody acknowledged again after 15 s, which may have passed before anybody was there, then after 5 min. */
const sendAgain = (company, after = 'PT5M') => company.control('clock', { advance: after });
/** What /readyz says of the connection while it is down; else empty. */
const warning = async (company) => (await ready(company)).warnings.find((one) => one.startsWith('feishu:main: no long connection since 20')) ?? '';

const alarm = '[alarm]\npeople = ["zhou"]\n';

describe('T17: a gateway that fails costs no event, and none is done twice', { concurrency: 8 }, () => {
  // How it fails, and whether the connection ends by it.
  const ways = { disconnect: true, close: true, kick: true, refuse: true, cut_frame: true, cut_parts: true, oversize: true, garbage: false, unfinished: false, fragment: false, stutter: false, twice: false, late: false };
  for (const [way, ends] of Object.entries(ways)) {
    test(way, async () => {
      await over('stream', async (company) => {
        assert.deepEqual(await disturb(company, way, { ms: way === 'late' ? 14_000 : 4000 }), { connections: 1 });
        if (way === 'refuse') await disturb(company, 'kick');
        const said = await raise(company, '出事之后');
        if (way === 'late' || way.startsWith('cut')) assert.equal(said.deliveries[0].acked, false, JSON.stringify(said));
        if (ends) await standing(company, 2);
        if (!said.deliveries[0].acked) await sendAgain(company);
        await shown(company, '出事之后');
        if (way === 'late') {
          const acknowledged = async () => (await company.received('/ws/v2')).some((one) => one.method === 'WS' && one.accepted && JSON.parse(one.body).biz_rt !== '');
          await eventually(acknowledged, 'the second delivery is acknowledged');
        }
        const next = await raise(company, '又好了');
        assert.ok(next.deliveries[0].acked, JSON.stringify(next));
        await shown(company, '又好了');
        await drained(company);
        assert.equal((await cardsInGroup(company)).length, 2);
        assert.equal(await opened(company), ends ? 2 : 1, 'only what ends a connection ends it');
      });
    });
  }

  // TCP is open in both; "hang" still answers what the WebSocket itself asks.
  for (const way of ['zombie', 'hang']) {
    test(way, async () => {
      await over(
        'stream',
        async (company) => {
          await disturb(company, way);
          const said = await raise(company, '僵死之后');
          assert.equal(said.deliveries[0].acked, false);
          await standing(company, 2);
          await eventually(() => /no frame for [3-9]\d s/.test(company.bot.log), 'why, in the log');
          await sendAgain(company, 'PT5M');
          await shown(company, '僵死之后');
          await drained(company);
          assert.equal((await cardsInGroup(company)).length, 1);
        },
        { limits: { stream_ping_seconds: 1 } },
      );
    });
  }

  test('an event that is never acknowledged in time comes on the whole schedule, 15 s, 5 min, 1 h, 6 h: one effect', async () => {
    await over('stream', async (company) => {
      await disturb(company, 'late', { ms: 365 * 24 * 3600 * 1000 });
      await raise(company, '应答总是太迟');
      await shown(company, '应答总是太迟');
      // Too late as the test wants it, or more than three seconds late by itself.
      const late = async () => (await company.received('/ws/v2')).filter((one) => ['late', 'nothing waits for it'].includes(one.code)).length;
      // The wait for the next begins when the one before was given up, three seconds after it left.
      for (const [index, tenth] of ['PT2S', 'PT30S', 'PT6M', 'PT36M'].entries()) {
        const came = async () => {
          await sendAgain(company, tenth);
          return (await late()) >= index + 2;
        };
        await eventually(came, `delivery ${index + 2}`);
      }
      await drained(company);
      assert.equal((await cardsInGroup(company)).length, 1);
    });
  });

  test('the connection breaks again and again while events come: each arrives, once', async () => {
    await over('stream', async (company) => {
      const titles = [];
      for (const [i, way] of ['kick', 'close', 'cut_frame', 'kick'].entries()) {
        const title = `断线途中${i}号`;
        titles.push(title);
        if (way === 'cut_frame') await disturb(company, way);
        const said = raise(company, title);
        if (way !== 'cut_frame') await disturb(company, way);
        await said;
        await standing(company, i + 2);
      }
      for (const after of ['PT15S', 'PT5M']) await sendAgain(company, after);
      for (const title of titles) await shown(company, title);
      await drained(company);
      for (const title of titles) assert.equal((await cardsInGroup(company)).filter((one) => one.text.includes(title)).length, 1, title);
    });
  });
});

describe('T17: a gateway that refuses', { concurrency: 8 }, () => {
  for (const [what, fault] of Object.entries({
    'HTTP 503': { do: 'status', status: 503 },
    'code 1': { do: 'business', status: 200, code: 1 },
    'code 1000040343': { do: 'business', status: 200, code: 1000040343 },
    'no JSON': { do: 'status', status: 200 },
    'an answer that is cut off': { do: 'cut' },
    'no answer': { do: 'reset' },
  })) {
    test(`${what}: asked again after ReconnectInterval, said in /readyz meanwhile, and no event is lost`, async () => {
      await over(
        'stream',
        async (company) => {
          const before = (await asked(company)).length;
          await company.fault({ match: { path: endpoint }, times: 2, ...fault });
          await disturb(company, 'kick');
          await eventually(() => warning(company), async () => JSON.stringify(await ready(company)));
          const said = await raise(company, '连不上的时候');
          await standing(company, 2);
          const made = (await asked(company)).slice(before);
          assert.ok(made.length >= 3, `${made.length} attempts`);
          for (let i = 1; i < made.length; ++i) assert.ok(made[i] - made[i - 1] >= 4950 && made[i] - made[i - 1] < 30_000, `${made.map((one) => one - made[0])}`);
          if (!said.deliveries[0].acked) await sendAgain(company);
          await shown(company, '连不上的时候');
          assert.doesNotMatch(company.bot.log, /stream\.refused/);
          assert.equal(await warning(company), '');
          for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
        },
        { limits: { stream_reconnect_interval: 5 } },
      );
    });
  }

  const fatal = {
    403: [{ do: 'business', status: 200, code: 403 }, /app_secret is refused/],
    514: [{ do: 'business', status: 200, code: 514 }, /app_secret is refused/],
    1000040350: [{ do: 'business', status: 200, code: 1000040350 }, /50 connections/],
    1000040351: [{ do: 'business', status: 200, code: 1000040351 }, /correct api_base/],
    1000040399: [{ do: 'business', status: 200, code: 1000040399 }, /1000040399/],
  };
  for (const [code, [fault, why]] of Object.entries(fatal)) {
    test(`code ${code}: not asked again for ten minutes; said in /readyz, in the log and to the administrator; a restart asks at once`, async () => {
      await over(
        'stream',
        async (company) => {
          await company.fault({ match: { path: endpoint }, times: -1, ...fault });
          await disturb(company, 'kick');
          await eventually(async () => why.test(await warning(company)), async () => JSON.stringify(await ready(company)));
          assert.match(await warning(company), /tried again every 10 minutes$/);
          const attempts = (await asked(company)).length;
          const told = await company.until(toPerson('周督办'), { what: 'the alarm' });
          assert.match(told.text, /长连接连不上/);
          assert.match(told.text, why);
          await eventually(() => /stream\.refused/.test(company.bot.log), 'the line in the log');
          const said = await raise(company, '改好之前');
          assert.equal(said.deliveries[0].acked, false);
          assert.equal((await asked(company)).length, attempts, 'it waits for somebody to change something');
          await company.control('faults', undefined, 'DELETE');
          await company.bot.kill();
          await company.startBot();
          await standing(company, 2);
          assert.equal(await warning(company), '');
          await sendAgain(company);
          await shown(company, '改好之前');
          assert.equal((await company.messages()).filter((one) => toPerson('周督办')(one) && /长连接/.test(one.text)).length, 1, 'told once');
          for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
        },
        { toml: alarm },
      );
    });
  }

  test('a declined handshake: 503 passes, the words for "too many connections" and "forbidden" do not', async () => {
    await over(
      'stream',
      async (company) => {
        await disturb(company, 'refuse', { ms: 2500 });
        await disturb(company, 'kick');
        await standing(company, 2);
        assert.doesNotMatch(company.bot.log, /stream\.refused/);
        const refusals = [
          [{ status: 403, headers: { 'Handshake-Status': '514', 'Handshake-Msg': 'too many', 'Handshake-Autherrcode': '1000040350' } }, /50 connections/],
          [{ status: 403, headers: { 'Handshake-Status': '403', 'Handshake-Msg': 'forbidden' } }, /handshake: code 403 "forbidden"/],
        ];
        for (const [refusal, why] of refusals) {
          await disturb(company, 'refuse', { ms: 3_600_000, ...refusal });
          await disturb(company, 'kick');
          await eventually(async () => why.test(await warning(company)), async () => JSON.stringify(await ready(company)));
          assert.match(await warning(company), /tried again every 10 minutes$/);
          await disturb(company, 'refuse', { ms: 0 });
          await company.bot.kill();
          await company.startBot();
          await connected(company);
        }
      },
      { toml: alarm },
    );
  });

  test('as many attempts as ReconnectCount allows, then seldom, and the administrator is told', async () => {
    await over(
      'stream',
      async (company) => {
        const before = (await asked(company)).length;
        await company.fault({ match: { path: endpoint }, times: -1, do: 'business', status: 200, code: 1000040343 });
        await disturb(company, 'kick');
        await eventually(async () => /1000040343.*tried again every 10 minutes$/.test(await warning(company)), async () => JSON.stringify(await ready(company)));
        await company.until(toPerson('周督办'), { what: 'the alarm' });
        assert.equal((await asked(company)).length - before, 2);
      },
      { toml: alarm, limits: { stream_reconnect_count: 2, stream_reconnect_interval: 1 } },
    );
  });

  test('the first attempt comes at a random time within ReconnectNonce', async () => {
    await over(
      'stream',
      async (company) => {
        const before = (await asked(company)).length;
        const since = Date.now();
        await disturb(company, 'kick');
        await standing(company, 2);
        const wait = (await asked(company))[before] - since;
        assert.ok(wait >= -50 && wait < 15_000, `${wait} ms`);
      },
      { limits: { stream_reconnect_nonce: 4 } },
    );
  });

  test('not to be had at the start: said in /readyz, opened soon, and then everything arrives', async () => {
    await over(
      'stream',
      async (company) => {
        for (const fault of [{ do: 'status', status: 503 }, { do: 'cut' }, { do: 'business', status: 200, code: 1 }]) {
          const { id } = await company.fault({ match: { path: endpoint }, times: -1, ...fault });
          await company.startBot();
          await eventually(async () => /: (?!not opened yet)/.test((await warning(company)).slice('feishu:main: '.length)), async () => JSON.stringify(await ready(company)));
          await company.control(`faults/${id}`, undefined, 'DELETE');
          await connected(company);
          const after = await company.seq();
          const said = await company.say('韩梅梅', '/帮助', { chat: 'private' });
          assert.ok(said.deliveries[0].acked);
          await company.until(toPerson('韩梅梅'), { after, what: 'the answer' });
          await company.bot.kill();
        }
      },
      { bot: false },
    );
  });
});

// Feishu end to end on the simulator, over its long connection and over webhook: the story, events that come twice, and a
// gateway that dies, hangs or sends garbage.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { connected, eventually, ready } from './dingtalk_support.mjs';
import { feishu, group, numberOf, people, saidInPrivate, sealed, secrets, withCompany } from './feishu_support.mjs';

const toPerson = (name) => (one) => one.to === people[name][1];
const cardsInGroup = async (company) => (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
const endpoint = '/callback/ws/endpoint';

/** A company over this transport, its long connection standing; with ids that fill 64 bits. */
function over(transport, body, options = {}) {
  const running = async (company) => {
    if (options.bot !== false) await connected(company);
    await body(company);
  };
  return withCompany(running, { kit: feishu(transport), ...options, limits: { stream_wide_ids: 1, ...options.limits } });
}

for (const transport of ['stream', 'webhook']) {
  test(`the story over ${transport}: raised in a group, accepted by a press, delegated, late, delivered, rejected, accepted`, async () => {
    await over(transport, async (company) => {
      const said = await company.say('韩梅梅', '/发起 新品推广页接口对接 给技术部 截止 后天18点 背景: 新品下周上线 影响: 5000 人次');
      assert.equal(said.deliveries[0].status, 200);
      const live = await company.liveCard();
      const { short, full } = numberOf(live.text);
      assert.match(live.text, /新品推广页接口对接/);
      const personal = await company.until((one) => toPerson('赵技')(one) && one.text.includes(full), { what: 'the first receiver is told' });
      assert.equal(personal.kind, 'card');

      let after = await company.seq();
      const accepted = await company.press('赵技', live.id, 'accept');
      assert.equal(accepted.status, 200);
      assert.ok(accepted.answer.toast, 'a toast');
      assert.ok(accepted.answer.card, 'the newest card in the answer');
      const updated = await company.until((one) => one.id === live.id && one.version > live.version, { after, what: 'the live card is patched' });
      assert.match(updated.text, /赵技/);

      await company.say('赵技', `/指派 ${short} @李雷`, { chat: 'private' });
      await company.until((one) => toPerson('李雷')(one) && one.text.includes(full), { what: 'the new owner is told' });
      await company.say('李雷', `/进度 ${short} 40% 滞后 原因: 测试环境不稳定 措施: 今晚加人`, { chat: 'private' });
      await company.say('李雷', `/交付 ${short} 已上线`, { chat: 'private' });
      await company.until((one) => toPerson('韩梅梅')(one) && /验收|交付/.test(one.text), { what: 'the requester is asked to accept' });
      await company.say('韩梅梅', `/验收 ${short} 驳回 少了分页`, { chat: 'private' });
      await company.say('李雷', `/交付 ${short} 补了分页`, { chat: 'private' });
      await company.say('韩梅梅', `/验收 ${short} 通过`, { chat: 'private' });
      await company.until((one) => one.id === live.id && /归档/.test(one.text), { what: 'the card shows the archive' });
      after = await company.seq();
      await company.say('韩梅梅', `/查看 ${short} 2`, { chat: 'private' });
      await company.until(toPerson('韩梅梅'), { after, what: 'the history' });
      for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
    });
  });

  test(`/发起 alone over ${transport} leads through the form card in private`, async () => {
    await over(transport, async (company) => {
      await company.say('韩梅梅', '/发起');
      const form = await company.until((one) => toPerson('韩梅梅')(one) && one.kind === 'card' && JSON.stringify(one.card).includes('"form"'), { what: 'the form' });
      const inputs = { title: '季度报表口径对齐', to: 'tech', 'due.typed': '后天18点' };
      const sent = await company.press('韩梅梅', form.id, 'submit', inputs);
      assert.equal(sent.status, 200);
      const live = await company.liveCard();
      assert.match(live.text, /季度报表口径对齐/);
    });
  });

  test(`T2: one event over ${transport}, many deliveries: one effect, every copy answered`, async () => {
    await over(transport, async (company) => {
      const said = await company.say('韩梅梅', '/发起 重复投递 给技术部 截止 后天18点', { id: 'om_same', copies: 5, parallel: true });
      assert.deepEqual(said.deliveries.map((one) => one.status), [200, 200, 200, 200, 200]);
      await company.liveCard();
      await company.say('韩梅梅', '/发起 重复投递 给技术部 截止 后天18点', { id: 'om_same' });
      await company.bot.kill();
      await company.startBot();
      await connected(company);
      await company.say('韩梅梅', '/发起 重复投递 给技术部 截止 后天18点', { id: 'om_same' });
      await pause(500);
      const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
      assert.equal(cards.length, 1);
    });
  });
}

test('presses come in frames of their own type too', async () => {
  await over(
    'stream',
    async (company) => {
      await company.say('韩梅梅', '/发起 卡片帧 给技术部 截止 后天18点');
      const live = await company.liveCard();
      const accepted = await company.press('赵技', live.id, 'accept');
      assert.equal(accepted.status, 200);
      assert.ok(accepted.answer.toast && accepted.answer.card);
    },
    { limits: { stream_card_frames: 1 } },
  );
});

test('it pings as often as the platform wants, and what it sends is understood', async () => {
  await over(
    'stream',
    async (company) => {
      const frames = async () => (await company.received('/ws/v2')).filter((one) => one.method === 'WS');
      await eventually(async () => (await frames()).filter((one) => JSON.parse(one.body).type === 'ping').length >= 3, 'three pings');
      await company.say('韩梅梅', '/帮助', { chat: 'private' });
      await company.until(toPerson('韩梅梅'));
      assert.deepEqual((await frames()).filter((one) => !one.accepted), []);
    },
    { limits: { stream_ping_seconds: 1 } },
  );
});

// The platform sends an event that nobody acknowledged again after 15 s, 5 min, 1 h and 6 h.
describe('T17: a gateway that fails costs no event, and none is done twice', { concurrency: 4 }, () => {
  for (const way of ['close', 'kick', 'refuse', 'garbage', 'fragment', 'twice', 'late']) {
    test(way, async () => {
      await over('stream', async (company) => {
        assert.deepEqual(await company.control('stream', { do: way, app: 'main', ms: 4000 }), { connections: 1 });
        if (way === 'refuse') await company.control('stream', { do: 'kick' });
        const said = await company.say('韩梅梅', '/发起 出事之后 给技术部 截止 后天18点');
        if (way === 'late') assert.equal(said.deliveries[0].acked, false, JSON.stringify(said));
        await company.until((one) => one.chat === group && one.text.includes('出事之后'), { within: 40_000, what: `the request after ${way}` });
        if (way === 'late') {
          const acknowledged = async () => (await company.received('/ws/v2')).some((one) => one.method === 'WS' && one.accepted && JSON.parse(one.body).biz_rt !== '');
          await eventually(acknowledged, 'the second delivery is acknowledged', 40_000);
        }
        await connected(company);
        const next = await company.say('韩梅梅', '/发起 又好了 给技术部 截止 后天18点');
        assert.ok(next.deliveries[0].acked, JSON.stringify(next));
        await company.until((one) => one.chat === group && one.text.includes('又好了'));
        await pause(1000);
        assert.equal((await cardsInGroup(company)).length, 2);
      });
    });
  }

  test('zombie', async () => {
    await over(
      'stream',
      async (company) => {
        // Until the first pong the bot goes by what the endpoint said; both say every second.
        await company.control('stream', { do: 'zombie', app: 'main' });
        const said = await company.say('韩梅梅', '/发起 僵死之后 给技术部 截止 后天18点');
        assert.equal(said.deliveries[0].acked, false);
        await eventually(() => /stream\.closed/.test(company.bot.log), () => company.bot.log.slice(-2000), 90_000);
        assert.match(company.bot.log, /no frame for 3\d s/);
        await connected(company);
        await company.control('clock', { advance: 'PT5M' });
        await company.until((one) => one.chat === group && one.text.includes('僵死之后'), { within: 30_000, what: 'the request, delivered again' });
        await pause(1000);
        assert.equal((await cardsInGroup(company)).length, 1);
      },
      { limits: { stream_ping_seconds: 1, stream_reconnect_nonce: 2 } },
    );
  });
});

test('a long connection that is not to be had: said in /readyz, opened again, and then everything arrives', async () => {
  const faults = {
    503: { do: 'status', status: 503 },
    'wrong secret': { do: 'business', status: 200, code: 514 },
    'no JSON': { do: 'status', status: 200 },
    'cut off': { do: 'cut' },
  };
  await over(
    'stream',
    async (company) => {
      for (const [what, fault] of Object.entries(faults)) {
        await company.fault({ match: { path: endpoint }, times: 1, ...fault });
        await company.startBot();
        const down = async () => {
          const { streams, warnings } = await ready(company);
          return streams[0].state === 'down' && warnings.some((one) => /^feishu:main: no long connection since 20.*: (?!not opened yet)/.test(one));
        };
        await eventually(down, async () => `${what}: ${JSON.stringify(await ready(company))}`);
        await connected(company);
        assert.match(company.bot.log, /stream\.closed/, what);
        const after = await company.seq();
        const said = await company.say('韩梅梅', '/帮助', { chat: 'private' });
        assert.ok(said.deliveries[0].acked, what);
        await company.until(toPerson('韩梅梅'), { after, what: `${what}: the answer` });
        for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
        await company.bot.kill();
      }
    },
    { bot: false },
  );
});

test('T41: what is not ours has no effect, framed or posted', async () => {
  await over('stream', async (company) => {
    const { type, event } = saidInPrivate('韩梅梅', '/帮助', 'om_forged');
    const header = { event_id: 'ev', event_type: type, create_time: String(Date.now()), token: '', app_id: 'cli_0123456789abcdef', tenant_key: 'sim' };
    for (const [raw, status] of [[{ schema: '2.0', header, event }, 500], ['not json', 500], [{ schema: '2.0' }, 200]]) {
      const [delivery] = (await company.control('events', { kind: 'raw', raw })).deliveries;
      assert.equal(delivery.status, status, JSON.stringify(raw));
    }
    const url = new URL('hook/feishu/main', company.bot.url);
    const genuine = { ...header, app_id: 'cli_a81f3c5d7e9b0246' };
    const plain = await fetch(url, { method: 'POST', body: JSON.stringify({ schema: '2.0', header: genuine, event }) });
    assert.deepEqual([plain.status, await plain.text()], [401, '']);
    const { body, headers } = sealed({ type, event });
    assert.equal((await fetch(url, { method: 'POST', body, headers })).status, 401);
    const smuggled = await fetch(url, { method: 'STREAM', body: JSON.stringify({ schema: '2.0', header: genuine, event }) });
    assert.ok(smuggled.status >= 400, 'the method of frames cannot be used from outside');
    await pause(500);
    assert.deepEqual(await company.messages(), []);
  });
});

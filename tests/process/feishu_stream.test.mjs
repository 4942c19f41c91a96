// Feishu end to end on the simulator, over its long connection and over webhook: the story, and what comes in frames.
import test from 'node:test';
import assert from 'node:assert/strict';
import { drained, eventually } from './dingtalk_support.mjs';
import { over } from './feishu_over.mjs';
import { options, story } from './feishu_story.mjs';
import { envelope, people, saidInPrivate, sealed } from './feishu_support.mjs';

const toPerson = (name) => (one) => one.to === people[name][1];

for (const transport of ['stream', 'webhook']) {
  test(`the story over ${transport}: raised by the form, reminded, escalated, accepted, delegated, late, delivered, rejected, accepted, archived`, async () => {
    await over(transport, (company) => story(company), options);
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

test('T41: what is not ours has no effect, framed or posted', async () => {
  await over('stream', async (company) => {
    const event = saidInPrivate('韩梅梅', '/帮助', 'om_forged');
    const genuine = envelope(event, { token: '' });
    for (const [raw, status] of [[envelope(event, { app: 'cli_0123456789abcdef' }), 500], ['not json', 500], [{ schema: '2.0' }, 200]]) {
      const [delivery] = (await company.control('events', { kind: 'raw', raw })).deliveries;
      assert.equal(delivery.status, status, JSON.stringify(raw));
    }
    const url = new URL('hook/feishu/main', company.bot.url);
    const plain = await fetch(url, { method: 'POST', body: JSON.stringify(genuine) });
    assert.deepEqual([plain.status, await plain.text()], [401, '']);
    const { body, headers } = sealed(event);
    assert.equal((await fetch(url, { method: 'POST', body, headers })).status, 401);
    const smuggled = await fetch(url, { method: 'STREAM', body: JSON.stringify(genuine) });
    assert.ok(smuggled.status >= 400, 'the method of frames cannot be used from outside');
    await drained(company);
    assert.deepEqual(await company.messages(), []);
  });
});

test('T42: an encrypted event in a frame is none, however it is damaged; with a verification token, another one is refused', async () => {
  const toml = 'verification_token = { env = "FEISHU_VERIFICATION_TOKEN" }\n';
  await over(
    'stream',
    async (company) => {
      const event = saidInPrivate('韩梅梅', '/帮助', 'om_oracle');
      const frame = async (raw) => {
        const [delivery] = (await company.control('events', { kind: 'raw', raw })).deliveries;
        return [delivery.status, delivery.body];
      };
      const flip = (at) => (bytes) => {
        const copy = Buffer.from(bytes);
        copy[at < 0 ? copy.length + at : at] ^= 1;
        return copy;
      };
      const damages = [(bytes) => bytes, flip(0), flip(16), flip(-1), flip(-16), flip(-17), (bytes) => bytes.subarray(0, bytes.length - 16), (bytes) => bytes.subarray(0, 16), (bytes) => bytes.subarray(0, bytes.length - 5)];
      const answers = new Set();
      for (const damage of damages) answers.add(JSON.stringify(await frame(sealed(event, { damage }).body)));
      assert.equal(answers.size, 1, [...answers].join());
      for (const how of [{ token: 'guessed' }, { token: '' }, { app: 'cli_0123456789abcdef' }]) assert.equal((await frame(envelope(event, how)))[0], 500, JSON.stringify(how));
      await drained(company);
      assert.deepEqual(await company.messages(), []);
      assert.equal((await frame(envelope(event)))[0], 200);
      await company.until(toPerson('韩梅梅'));
    },
    { toml },
  );
});

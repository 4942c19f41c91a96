// The bot on Feishu's long connection with the platform's own client listening beside it, both on one simulator.
import test from 'node:test';
import assert from 'node:assert/strict';
import * as lark from '@larksuiteoapi/node-sdk';
import { setTimeout as pause } from 'node:timers/promises';
import { connected, drained, eventually } from '../process/dingtalk_support.mjs';
import { over } from '../process/feishu_over.mjs';
import { options, story } from '../process/feishu_story.mjs';
import { feishu, group, people } from '../process/feishu_support.mjs';

/** The SDK takes the level "fatal" for "not given", so that only a logger of ours keeps it quiet. */
const quiet = { error() {}, warn() {}, info() {}, debug() {}, trace() {} };
const kit = feishu('stream');
const [ours] = kit.world.apps;
const another = { ...ours, id: 'other', app_id: 'cli_b92e4d6f8a0c1357', app_secret: 'sim-other-secret', bot_name: '旁听' };

/** Runs `body` with the SDK's client connected as that app. */
async function listening(company, app, handles, body) {
  const client = await new Promise((resolve, reject) => {
    const made = new lark.WSClient({ appId: app.app_id, appSecret: app.app_secret, domain: company.simUrl.replace(/\/$/, ''), logger: quiet, onReady: () => resolve(made), onError: reject });
    made.start({ eventDispatcher: new lark.EventDispatcher({ logger: quiet }).register(handles) });
  });
  try {
    await body(client);
  } finally {
    client.close({ force: true });
  }
}
/** The SDK keeps no more of a frame's numbers than a double holds. */
const narrow = { limits: { stream_wide_ids: 0 } };
const heard = (texts) => ({ 'im.message.receive_v1': async (data) => void texts.push(JSON.parse(data.message.content).text) });

test("the story, with the SDK's own client of another app beside it: each hears what is its own, and only that", async () => {
  await over(
    'stream',
    async (company) => {
      const texts = [];
      await listening(company, another, heard(texts), async () => {
        const said = [];
        await story(company, async (chapter) => {
          said.push(`旁听：${chapter}`);
          const { deliveries } = await company.control('events', { kind: 'message', app: 'other', via: 'stream', user: people['韩梅梅'][1], text: said.at(-1) });
          assert.ok(deliveries[0].acked, 'its own client acknowledges');
        });
        assert.deepEqual(texts, said);
      });
      const frames = (await company.received('/ws/v2')).filter((one) => one.method === 'WS');
      assert.deepEqual([...new Set(frames.map((one) => one.app))].sort(), ['main', 'other']);
      assert.deepEqual(frames.filter((one) => !one.accepted), [], 'the simulator understood every frame of both');
      assert.ok(!JSON.stringify(await company.messages()).includes('旁听'));
    },
    { ...options, ...narrow, kit: { ...kit, world: { ...kit.world, apps: [ours, another] } } },
  );
});

test("the SDK's own client on the bot's app: each event goes to exactly one of the two; what the other does not take, the bot does", async () => {
  await over('stream', async (company) => {
    const texts = [];
    await listening(company, ours, heard(texts), async () => {
      const names = Object.keys(people);
      const all = await Promise.all(Array.from({ length: 40 }, (_, i) => company.say(names[i % names.length], '/帮助', { chat: 'private' })));
      for (const one of all) assert.ok(one.deliveries[0].acked);
      await drained(company);
      const answers = (await company.messages()).length;
      assert.equal(texts.length + answers, 40);
      assert.ok(texts.length > 0 && answers > 0, `${texts.length} and ${answers}`);
    });
    assert.deepEqual([...new Set(texts)], ['/帮助']);

    const fails = { 'im.message.receive_v1': () => Promise.reject(new Error('not today')) };
    const titles = Array.from({ length: 8 }, (_, i) => `没人接${i}号`);
    let missed = 0;
    await listening(company, ours, fails, async () => {
      for (const title of titles) {
        const [delivery] = (await company.say('韩梅梅', `/发起 ${title} 给技术部 截止 后天18点`)).deliveries;
        assert.ok([200, 500].includes(delivery.status), `${delivery.status}`);
        if (!delivery.acked) ++missed;
      }
    });
    assert.ok(missed > 0, 'some went to the one that fails');
    await connected(company);
    // Sent again on the platform's schedule, whose next step begins when it has seen that the one before failed.
    const cards = async () => (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
    await eventually(async () => {
      await company.control('clock', { advance: 'PT5M' });
      await pause(2000);
      const shown = await cards();
      return titles.every((title) => shown.some((one) => one.text.includes(title)));
    }, async () => JSON.stringify(await cards()), 90_000);
    await drained(company);
    assert.equal((await cards()).length, titles.length, 'each once');
  }, narrow);
});

// Tencent's own libraries against the simulator: @wecom/aibot-node-sdk subscribes to its long-connection server, @wecom/crypto
// opens what it pushes to addresses and seals the answers it takes.
import test from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import crypto from '@wecom/crypto';
import sdk from '@wecom/aibot-node-sdk';
import { withSimulator } from './simulator.mjs';

const { decrypt, encrypt, getSignature } = crypto;
const { WSAuthFailureError, WSClient, WecomCrypto } = sdk;
const corp = 'wwsim0a1b2c3d4e5f6';
const app = { token: 'SimAppToken', aesKey: 'c2ltLWFwcC1rZXktZm9yLXRlc3RzLW9ubHktMDEyMz5', id: corp };
const bot = { token: 'SimBotToken', aesKey: 'c2ltLWJvdC1rZXktZm9yLXRlc3RzLW9ubHktMDEyMz4', id: '', botId: 'aibSim0Bot', secret: 'sim-bot-secret' };
const group = 'wrkSimGroup01';
const inGroup = { kind: 'message', user: 'han.mei', chat: group, text: '@协办 /帮助', mentions: ['bot'] };
const inPrivate = { kind: 'message', user: 'han.mei', chat: 'bot:han.mei', text: '/帮助' };
const card = (task_id) => ({ card_type: 'button_interaction', main_title: { title: '协作请求' }, task_id, button_list: [{ text: '接受', style: 1, key: 'accept:1' }] });
const notice = (task_id, title) => ({ card_type: 'text_notice', main_title: { title }, card_action: { type: 1, url: 'http://x.invalid' }, task_id });
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function until(holds, what) {
  const end = performance.now() + 30_000;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `never: ${what}`);
    await pause(10);
  }
}

function client(url, more = {}) {
  return new WSClient({ botId: bot.botId, secret: bot.secret, wsUrl: `${url.replace('http', 'ws')}/`, logger: quiet, reconnectInterval: 50, ...more });
}
const arrives = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));

/** A connected and subscribed client of the SDK. */
async function withClient(url, body, more) {
  const made = client(url, more);
  made.on('error', () => {});
  try {
    const ready = arrives(made, 'authenticated');
    made.connect();
    await ready;
    await body(made);
  } finally {
    made.disconnect();
  }
}
const messagesOf = (control) => async (query = '') => (await control(`messages?${query}`)).messages;

test('the SDK gets messages and answers them: stream, card, markdown; it keeps its heart beating', async () => {
  await withSimulator('wecom', async (url, control) => {
    const messages = messagesOf(control);
    await withClient(url, async (sdkClient) => {
      let arrived = arrives(sdkClient, 'message.text');
      await control('events', { ...inGroup, quote: '昨天的进度' });
      let frame = await arrived;
      assert.deepEqual([frame.body.text.content, frame.body.chatid, frame.body.chattype, frame.body.from.userid, frame.body.quote.text.content], ['@协办 /帮助', group, 'group', 'han.mei', '昨天的进度']);
      const acks = await Promise.all([sdkClient.replyStream(frame, 'st_1', '处理中', false, undefined, { id: 'fb_1' }), sdkClient.replyStream(frame, 'st_1', '处理中…', false), sdkClient.replyStream(frame, 'st_1', '**完成**', true)]);
      assert.deepEqual(acks.map((ack) => ack.errcode), [0, 0, 0]);
      const [shown] = await messages();
      assert.deepEqual([shown.chat, shown.text, shown.version], [group, '**完成**', 3]);
      await assert.rejects(sdkClient.replyStream(frame, 'st_1', 'x', true), (ack) => ack.errcode === 846608);

      arrived = arrives(sdkClient, 'message');
      await control('events', inPrivate);
      assert.equal((await sdkClient.replyTemplateCard(await arrived, card('cr_1@v1'))).errcode, 0);
      arrived = arrives(sdkClient, 'message');
      await control('events', inPrivate);
      frame = await arrived;
      await assert.rejects(sdkClient.reply(frame, { msgtype: 'text', text: { content: 'x' } }), (ack) => ack.errcode === 40008);
      await assert.rejects(sdkClient.replyStreamWithCard(frame, 'st_2', 'x', true, { templateCard: card('cr_2@v1') }), (ack) => ack.errcode === 40008);
      assert.equal((await sdkClient.reply(frame, { msgtype: 'markdown', markdown: { content: '**好**' } })).errcode, 0);
      assert.deepEqual((await messages('chat=bot:han.mei')).map((one) => one.kind), ['card', 'text']);
      await until(async () => (await control('received?path=/ping')).requests.length >= 3, 'heartbeats');
      assert.ok((await control('received?path=/ping')).requests.every((one) => one.accepted));
      assert.equal(sdkClient.isConnected, true);
    }, { heartbeatInterval: 3000 });  // a server that lets two of them pass is left: on a busy machine half a second is soon over
  });
});

test('the SDK gets card events and entries, updates the card, welcomes, and sends on its own', async () => {
  await withSimulator('wecom', async (url, control) => {
    const messages = messagesOf(control);
    await withClient(url, async (sdkClient) => {
      let arrived = arrives(sdkClient, 'message');
      await control('events', inGroup);
      await sdkClient.replyTemplateCard(await arrived, card('cr_1@v1'));
      const [shown] = await messages();
      arrived = arrives(sdkClient, 'event.template_card_event');
      await control('events', { kind: 'press', message: shown.id, user: 'LiLei', action: '接受' });
      const pressed = await arrived;
      assert.deepEqual(pressed.body.event.template_card_event, { card_type: 'button_interaction', event_key: 'accept:1', task_id: 'cr_1@v1' });
      assert.equal((await sdkClient.updateTemplateCard(pressed, notice('cr_1@v1', '已由 李雷 接受'))).errcode, 0);
      assert.equal((await messages())[0].text, '已由 李雷 接受\n');
      await assert.rejects(sdkClient.updateTemplateCard(pressed, notice('cr_1@v1', '再一次')), (ack) => ack.errcode === 846605);

      arrived = arrives(sdkClient, 'event.enter_chat');
      await control('events', { kind: 'enter', user: 'LiLei' });
      assert.equal((await sdkClient.replyWelcome(await arrived, { msgtype: 'text', text: { content: '欢迎' } })).errcode, 0);
      arrived = arrives(sdkClient, 'event.feedback_event');
      await control('events', { kind: 'feedback', user: 'LiLei', feedback: 'fb_1' });
      await assert.rejects(sdkClient.reply(await arrived, {}), (ack) => ack.errcode === 846605, 'an answer to feedback is refused');

      const markdown = { msgtype: 'markdown', markdown: { content: '**提醒**' } };
      assert.equal((await sdkClient.sendMessage(group, markdown)).errcode, 0);
      await assert.rejects(sdkClient.sendMessage('LiLei', markdown), (ack) => ack.errcode === 93006, 'he has not spoken yet');
      await control('events', { ...inPrivate, user: 'LiLei', chat: 'bot:LiLei' });
      assert.equal((await sdkClient.sendMessage('LiLei', { msgtype: 'template_card', template_card: card('cr_9@v1') })).errcode, 0);
      assert.deepEqual((await messages('user=LiLei&chat=bot:LiLei')).map((one) => one.kind), ['text', 'card']);
    });
  });
});

test('the SDK sends files up and opens those it is sent', async () => {
  await withSimulator('wecom', async (url, control) => {
    await withClient(url, async (sdkClient) => {
      const arrived = arrives(sdkClient, 'message.file');
      await control('events', { ...inPrivate, file: { name: '清单 1.txt', content: '部门对接清单' } });
      const frame = await arrived;
      const file = await sdkClient.downloadFile(frame.body.file.url, frame.body.file.aeskey);
      assert.deepEqual([file.filename, file.buffer.toString()], ['清单 1.txt', '部门对接清单']);
      const { media_id, type } = await sdkClient.uploadMedia(Buffer.alloc(1_200_000, 'xlsx'), { type: 'file', filename: '周报.xlsx' });
      assert.equal(type, 'file');
      assert.equal((await sdkClient.sendMediaMessage('han.mei', 'file', media_id)).errcode, 0);
      const [shown] = await messagesOf(control)();
      assert.deepEqual([shown.text, shown.card.bytes], ['周报.xlsx', 1_200_000]);
    });
  });
});

test('the SDK gives way to a second connection, comes back after a lost one, and gives up on a wrong secret', async () => {
  await withSimulator('wecom', async (url, control) => {
    // A silent server is noticed after two heartbeats.
    const first = client(url);
    const second = client(url, { heartbeatInterval: 3000 });
    const stranger = client(url, { secret: 'wrong', maxAuthFailureAttempts: 2 });
    const errors = [];
    for (const one of [first, second]) one.on('error', () => {});
    stranger.on('error', (error) => errors.push(error));
    try {
      let ready = arrives(first, 'authenticated');
      first.connect();
      await ready;
      const told = arrives(first, 'event.disconnected_event');
      ready = arrives(second, 'authenticated');
      second.connect();
      await ready;
      assert.equal((await told).body.event.eventtype, 'disconnected_event');
      await until(() => !first.isConnected, 'the first is gone');

      for (const how of ['kick', 'close']) {
        ready = arrives(second, 'authenticated');
        assert.equal((await control('stream', { do: how, app: 'main' })).connections, 1);
        await ready;
      }
      ready = arrives(second, 'authenticated');
      await control('stream', { do: 'zombie', app: 'main' });
      await ready;
      const arrived = arrives(second, 'message');
      await control('stream', { do: 'control_characters', app: 'main' });
      await control('events', inPrivate);
      assert.equal((await arrived).body.text.content, '/帮助', 'control characters are dropped by the SDK');

      stranger.connect();
      await until(() => errors.some((error) => error instanceof WSAuthFailureError), 'the SDK gives up');
      assert.equal((await control('received?path=aibot_subscribe')).requests.filter((one) => one.code === 853000).length, 3);
    } finally {
      for (const one of [first, second, stranger]) one.disconnect();
    }
  });
});

/** A bot that answers its callbacks with what `answer(query, body, path)` says. */
async function withCallbacks(body) {
  const bots = { answer: () => '' };
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (bytes) => (text += bytes));
    request.on('end', () => {
      const url = new URL(request.url, 'http://x');
      response.end(bots.answer(url.searchParams, text, url.pathname));
    });
  });
  // A kept connection is not closed under the simulator's next call.
  server.keepAliveTimeout = 0;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await withSimulator('wecom', (url, control) => body(url, control, bots), { to: `http://127.0.0.1:${server.address().port}` });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
/** Verified and opened by @wecom/crypto. */
function opened(keys, query, sealed) {
  assert.equal(query.get('msg_signature'), getSignature(keys.token, query.get('timestamp'), query.get('nonce'), sealed));
  const { message, id } = decrypt(keys.aesKey, sealed);
  assert.equal(id, keys.id);
  return message;
}
const encryptOf = (xml) => /<Encrypt><!\[CDATA\[(.*?)\]\]><\/Encrypt>/.exec(xml)[1];

test('@wecom/crypto opens the address checks, the XML of the app and the JSON of the bot', async () => {
  await withCallbacks(async (url, control, bots) => {
    bots.answer = (query, _, path) => opened(path.endsWith('/bot') ? bot : app, query, query.get('echostr'));
    for (const channel of ['app', 'bot']) {
      // Within a second: on a busy machine not each time.
      await until(async () => (await control('events', { kind: 'url_check', channel })).deliveries[0].acked, `the check of the ${channel}`);
    }

    // Every length of padding from 1 to 32.
    let xml = '';
    bots.answer = (query, body) => {
      xml = opened(app, query, encryptOf(body));
      return '';
    };
    for (let length = 1; length <= 32; ++length) {
      const { deliveries } = await control('events', { kind: 'message', user: 'han.mei', chat: 'app:han.mei', text: 'x'.repeat(length) });
      assert.equal(deliveries[0].acked, true);
      assert.ok(xml.includes(`<Content><![CDATA[${'x'.repeat(length)}]]></Content>`));
    }

    const { apps } = await control('world');
    await control('world', { apps: [{ ...apps[0], bot: { ...apps[0].bot, transport: 'webhook' } }] }, 'PUT');
    let message;
    bots.answer = (query, body) => {
      message = JSON.parse(opened(bot, query, JSON.parse(body).encrypt));
      const verified = new WecomCrypto(bot.token, bot.aesKey, '').verifySignature(query.get('msg_signature'), query.get('timestamp'), query.get('nonce'), JSON.parse(body).encrypt);
      assert.equal(verified, true, 'the SDK has a cryptography of its own');
      return '';
    };
    await control('events', inGroup);
    assert.deepEqual([message.msgtype, message.text.content, message.chatid], ['text', '@协办 /帮助', group]);
  });
});

test('what @wecom/crypto seals is taken as an answer: passive text and card of the app, a stream of the bot', async () => {
  await withCallbacks(async (url, control, bots) => {
    const messages = messagesOf(control);
    const seal = (inner) => {
      const sealed = encrypt(app.aesKey, `<xml><ToUserName>han.mei</ToUserName><FromUserName>${corp}</FromUserName><CreateTime>1</CreateTime>${inner}</xml>`, corp);
      return `<xml><Encrypt><![CDATA[${sealed}]]></Encrypt><MsgSignature><![CDATA[${getSignature(app.token, '1788231008', '5190274863', sealed)}]]></MsgSignature><TimeStamp>1788231008</TimeStamp><Nonce><![CDATA[5190274863]]></Nonce></xml>`;
    };
    bots.answer = () => seal('<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[收到 🎉]]></Content>');
    await control('events', { kind: 'message', user: 'han.mei', chat: 'app:han.mei', text: '/待办' });
    assert.equal((await messages())[0].text, '收到 🎉');

    const call = async (path, body) => (await fetch(url + path, { method: body ? 'POST' : 'GET', body: body && JSON.stringify(body) })).json();
    const { access_token } = await call(`/cgi-bin/gettoken?corpid=${corp}&corpsecret=sim-app-secret`);
    const sent = await call(`/cgi-bin/message/send?access_token=${access_token}`, { touser: 'han.mei', agentid: 1000027, msgtype: 'template_card', template_card: card('cr_1@v1_u1') });
    assert.equal(sent.errcode, 0);
    const shown = (await messages()).at(-1);
    bots.answer = () => seal('<MsgType>update_template_card</MsgType><TemplateCard><CardType>text_notice</CardType><MainTitle><Title><![CDATA[已接受]]></Title></MainTitle><CardAction><Type>1</Type><Url>http://x.invalid</Url></CardAction></TemplateCard>');
    await control('events', { kind: 'press', message: shown.id, user: 'han.mei', action: '接受' });
    assert.equal((await messages()).at(-1).text, '已接受\n');

    const { apps } = await control('world');
    await control('world', { apps: [{ ...apps[0], bot: { ...apps[0].bot, transport: 'webhook' } }] }, 'PUT');
    bots.answer = (query) => {
      const sealed = encrypt(bot.aesKey, JSON.stringify({ msgtype: 'stream', stream: { id: 'st_1', finish: true, content: '**已登记**' } }), '');
      return JSON.stringify({ encrypt: sealed, msgsignature: getSignature(bot.token, '1788232156', query.get('nonce'), sealed), timestamp: 1788232156, nonce: query.get('nonce') });
    };
    await control('events', inGroup);
    const last = (await messages()).at(-1);
    assert.deepEqual([last.chat, last.text], [group, '**已登记**']);
    assert.ok((await control('received?path=/hook/')).requests.every((one) => one.accepted));
  });
});

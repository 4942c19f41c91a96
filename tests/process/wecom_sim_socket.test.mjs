// The long-connection server of WeCom's smart bots: who may connect, which frame answers which, what is refused, what fails.
import test from 'node:test';
import assert from 'node:assert/strict';
import { createDecipheriv, createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { bot, card, group, until, withSim } from './wecom_world.mjs';
import { WebSocketClient } from './websocket_client.mjs';

const credentials = { bot_id: bot.id, secret: bot.secret };
const inGroup = { kind: 'message', user: 'han.mei', chat: group, text: '@协办 /帮助', mentions: ['bot'] };
const inPrivate = { kind: 'message', user: 'han.mei', chat: 'bot:han.mei', text: '/帮助' };
const stream = (id, content, finish, more = {}) => ({ msgtype: 'stream', stream: { id, finish, content, ...more } });
const markdown = (content) => ({ msgtype: 'markdown', markdown: { content } });
const updated = (task_id, more = {}) => ({ response_type: 'update_template_card', template_card: { card_type: 'text_notice', main_title: { title: '已接受' }, card_action: { type: 1, url: 'http://x' }, task_id }, ...more });
const request = (frame) => frame.headers.req_id;

test('subscribing: first of all, with the right secret; everything else waits for it', async () => {
  await withSim(async (sim) => {
    const client = await sim.socket({ subscribe: false });
    assert.equal(await client.code('ping'), 846609);
    assert.equal(await client.code('aibot_send_msg', { chatid: 'han.mei', chat_type: 1, ...markdown('x') }), 846609);
    for (const wrong of [{ ...credentials, secret: 'wrong' }, { ...credentials, bot_id: 'aibNobody' }, {}]) assert.equal(await client.code('aibot_subscribe', wrong), 853000);
    assert.equal((await sim.event(inPrivate)).deliveries[0].acked, false, 'nobody is subscribed: the message is lost');
    const ack = await client.ask('aibot_subscribe', credentials, 'aibot_subscribe_1');
    assert.deepEqual(ack, { headers: { req_id: 'aibot_subscribe_1' }, errcode: 0, errmsg: 'ok' });
    assert.equal(await client.code('ping'), 0);
    assert.equal(await client.code('aibot_unknown', {}), 40058);
    for (const broken of ['no json', '[]', '{"cmd":"ping"}', '{"cmd":"ping","headers":{"req_id":7}}', '{"cmd":"aibot_send_msg","headers":{"req_id":"x"},"body":{"chat_type":"one","chatid":"y"}}']) client.send(broken);
    assert.equal(await client.code('ping'), 0, 'it survives what is no frame');
    const frames = await sim.received('');
    assert.deepEqual(frames.filter((one) => one.method === 'WS').slice(-6, -1).map((one) => one.accepted), [false, false, false, false, false]);
    assert.ok(!frames.some((one) => one.body.includes(bot.secret)), 'the secret is masked');
    await sim.change('bot', { transport: 'webhook' });
    assert.equal(await client.code('aibot_subscribe', credentials), 853000, 'the other mode is configured');
    await assert.rejects(WebSocketClient.open(`${sim.url.replace('http', 'ws')}/other`), { status: 404 });
    client.destroy();
  });
});

test('answers to messages: by their req_id, of the right type, one of them, streams until they are finished or too old', async () => {
  await withSim(async (sim) => {
    const client = await sim.socket();
    await sim.event(inGroup);
    const asked = await client.next(1);
    assert.deepEqual([asked.cmd, asked.body.chatid, asked.body.text.content, asked.body.from], ['aibot_msg_callback', group, '@协办 /帮助', { userid: 'han.mei' }]);
    assert.ok(asked.body.response_url);
    const reply = (body, id = request(asked)) => client.code('aibot_respond_msg', body, id);
    assert.equal(await reply({ msgtype: 'text', text: { content: 'x' } }), 40008);
    assert.equal(await reply({ ...stream('s1', 'x', false), msgtype: 'stream_with_template_card', template_card: card('t') }), 40008);
    assert.equal(await reply(stream('', 'x', false)), 40058);
    assert.equal(await reply(stream('s1', 'x', 'yes')), 40058);
    assert.equal(await reply(stream('s1', '字'.repeat(6827), false)), 45002);
    assert.equal(await reply(stream('s1', 'x', false, { feedback: { id: 'f'.repeat(257) } })), 40058);
    assert.equal(await reply(stream('s1', 'x', false), 'never-asked'), 846605);
    assert.equal(await client.code('aibot_respond_welcome_msg', { msgtype: 'text', text: { content: 'x' } }, request(asked)), 846605);
    assert.equal(await client.code('aibot_respond_update_msg', updated('t'), request(asked)), 846605);
    assert.deepEqual(await sim.messages(), []);
    assert.equal(await reply(stream('s1', '处理中…', false, { feedback: { id: 'fb1' } })), 0);
    assert.equal(await reply(stream('s1', '处理中……', false, { feedback: { id: 'fb1' } })), 40058, 'feedback belongs to the first');
    assert.equal(await reply(stream('s2', 'x', false)), 846605, 'another stream');
    assert.equal(await reply(markdown('x')), 846605, 'another answer');
    assert.equal(await reply(stream('s1', '字'.repeat(6826), true)), 0);
    assert.equal(await reply(stream('s1', 'x', true)), 846608, 'finished');
    let shown = await sim.messages();
    assert.deepEqual([shown.length, shown[0].chat, shown[0].version, shown[0].text.length, shown[0].card.finish], [1, group, 2, 6826, true]);

    await sim.event(inPrivate);
    const second = request(await client.next(2));
    assert.equal(await reply(stream('s1', '慢', false), second), 0);
    await sim.later('PT6M1S');
    assert.equal(await reply(stream('s1', '太慢', true), second), 846608, 'six minutes after its first frame');
    await sim.event(inPrivate);
    const third = request(await client.next(3));
    await sim.later('PT23H');
    assert.equal(await reply(markdown('**好**'), third), 0, 'answered within a day');
    assert.equal((await sim.last('chat=bot:han.mei')).text, '**好**');
    await sim.event(inPrivate);
    await sim.later('PT24H1S');
    assert.equal(await reply(markdown('x'), request(await client.next(4))), 846605);
    await sim.limits({ replies_per_question: 2, stream_with_card_on_socket: 1, response_url_on_socket: 0 });
    await sim.event(inPrivate);
    const fifth = await client.next(5);
    assert.equal(fifth.body.response_url, undefined);
    assert.equal(await reply(markdown('一'), request(fifth)), 0);
    assert.equal(await reply({ ...stream('s5', '二', true), msgtype: 'stream_with_template_card', template_card: card('t5') }, request(fifth)), 0);
    shown = (await sim.messages()).slice(-3);
    assert.deepEqual(shown.map((one) => one.kind), ['text', 'text', 'card']);
    client.destroy();
  });
});

test('three messages in progress, a mention in groups, files in private only', async () => {
  await withSim(async (sim) => {
    const client = await sim.socket();
    for (let i = 1; i <= 3; ++i) {
      await sim.event(inPrivate);
      assert.equal(await client.code('aibot_respond_msg', stream(`s${i}`, '…', false), request(await client.next(i))), 0);
    }
    assert.deepEqual((await sim.event(inPrivate)).deliveries, []);
    assert.equal(await client.code('aibot_respond_msg', stream('s1', '好', true), request(client.pushed[0])), 0);
    assert.equal((await sim.event(inPrivate)).deliveries.length, 1);
    assert.deepEqual((await sim.event({ ...inGroup, mentions: ['LiLei'] })).deliveries, []);
    const file = { name: '对接 清单.txt', content: '部门对接清单 v2' };
    assert.deepEqual((await sim.event({ ...inGroup, file })).deliveries, []);
    await sim.event({ ...inPrivate, user: 'LiLei', chat: 'bot:LiLei', file });
    const { body } = await client.next(5);
    assert.equal(body.msgtype, 'file');
    const got = await fetch(body.file.url);
    assert.equal(got.headers.get('content-disposition'), `attachment; filename*=UTF-8''${encodeURIComponent(file.name).toLowerCase()}`);
    const key = Buffer.from(body.file.aeskey, 'base64');
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
    const plain = Buffer.concat([decipher.update(Buffer.from(await got.arrayBuffer())), decipher.final()]);
    assert.equal(plain.subarray(0, plain.length - plain.at(-1)).toString(), file.content);
    await sim.later('PT5M1S');
    assert.equal((await fetch(body.file.url)).status, 404, 'five minutes');
    client.destroy();
  });
});

test('cards and events: their own commands within five seconds, once; silence for feedback', async () => {
  await withSim(async (sim) => {
    const client = await sim.socket();
    await sim.event(inGroup);
    assert.equal(await client.code('aibot_respond_msg', { msgtype: 'template_card', template_card: card('cr_1@v1') }, request(await client.next(1))), 0);
    const shown = await sim.last();
    const press = async (user = 'han.mei') => {
      const count = client.pushed.length + 1;
      await sim.event({ kind: 'press', message: shown.id, user, action: 'accept:1' });
      return client.next(count);
    };
    const text = async () => (await sim.messages())[0];
    const first = await press();
    assert.deepEqual([first.cmd, first.body.event.template_card_event.task_id, first.body.chatid], ['aibot_event_callback', 'cr_1@v1', group]);
    assert.equal(await client.code('aibot_respond_msg', markdown('x'), request(first)), 846605, 'an event has its own command');
    // A press each: all of them together could take more than its five seconds.
    assert.equal(await client.code('aibot_respond_update_msg', updated('cr_1@v2'), request(await press())), 42014);
    assert.equal(await client.code('aibot_respond_update_msg', { ...updated('cr_1@v1'), response_type: 'x' }, request(await press())), 40008);
    assert.equal(await client.code('aibot_respond_update_msg', updated('cr_1@v1', { userids: ['ghost'] }), request(await press())), 40058);
    const last = await press();
    assert.equal(await client.code('aibot_respond_update_msg', updated('cr_1@v1', { userids: ['han.mei'] }), request(last)), 0);
    assert.equal(await client.code('aibot_respond_update_msg', updated('cr_1@v1'), request(last)), 846605, 'once');
    assert.deepEqual([(await text()).card.task_id, (await text()).card.shown_to['han.mei'].main_title.title], ['cr_1@v1', '已接受']);
    await assert.rejects(press(), 'she sees a notice now');
    const late = await press('LiLei');
    await sim.later('PT6S');
    assert.equal(await client.code('aibot_respond_update_msg', updated('cr_1@v1'), request(late)), 846605, 'five seconds');
    assert.equal(await client.code('aibot_respond_update_msg', updated('cr_1@v1'), request(await press('LiLei'))), 0);
    assert.deepEqual([(await text()).text, (await text()).version], ['已接受\n', 3]);
    await sim.later('PT1M');

    const count = client.pushed.length;
    await sim.event({ kind: 'enter', user: 'LiLei' });
    const entered = await client.next(count + 1);
    assert.equal(await client.code('aibot_respond_welcome_msg', markdown('x'), request(entered)), 40008);
    assert.equal(await client.code('aibot_respond_welcome_msg', { msgtype: 'text', text: { content: '欢迎' } }, request(entered)), 0);
    assert.equal(await client.code('aibot_respond_welcome_msg', { msgtype: 'text', text: { content: '欢迎' } }, request(entered)), 846605);
    assert.deepEqual([(await sim.last()).chat, (await sim.last()).text], ['bot:LiLei', '欢迎']);
    await sim.event({ kind: 'feedback', user: 'LiLei', feedback: 'fb1' });
    const feedback = await client.next(count + 2);
    assert.equal(await client.code('aibot_respond_msg', {}, request(feedback)), 846605);
    client.destroy();
  });
});

test('messages of its own: only where somebody has spoken, cards in private, thirty a minute with the answers', async () => {
  await withSim(async (sim) => {
    const client = await sim.socket();
    const send = (chatid, chat_type, body = markdown('**提醒**')) => client.code('aibot_send_msg', { chatid, chat_type, ...body });
    assert.deepEqual([await send('han.mei', 1), await send(group, 2)], [93006, 93006], 'nobody has spoken');
    await sim.limits({ unheard_code: 846607 });
    assert.equal(await send('han.mei', 1), 846607);
    await sim.limits({});
    await sim.event(inPrivate);
    await sim.event(inGroup);
    for (const [chat, type, errcode] of [['han.mei', 1, 0], [group, 2, 0], [group, 0, 0], ['han.mei', 0, 0], [group.toLowerCase(), 2, 93006], [`wecom:${group}`, 2, 93006], [group, 1, 93006], ['han.mei', 2, 93006], ['LiLei', 1, 93006], [group, 3, 40058], ['', 1, 93006]])
      assert.equal(await send(chat, type), errcode, `${chat} ${type}`);
    assert.equal(await send(group, 2, { msgtype: 'template_card', template_card: card('g1') }), 40008);
    assert.equal(await send(group, 2, { msgtype: 'text', text: { content: 'x' } }), 40008);
    assert.equal(await send('han.mei', 1, stream('s', 'x', true)), 40008);
    assert.equal(await send('han.mei', 1, markdown('')), 44004);
    assert.equal(await send('han.mei', 1, markdown('x'.repeat(20481))), 45002);
    assert.equal(await send('han.mei', 1, { msgtype: 'template_card', template_card: card('p1') }), 0);
    await sim.limits({ group_cards_may_be_sent: 1 });
    assert.equal(await send(group, 2, { msgtype: 'template_card', template_card: card('g1') }), 0);
    await sim.later('PT1M');
    await sim.event(inGroup);
    const question = request(client.pushed.at(-1));
    assert.equal(await client.code('aibot_respond_msg', stream('s', '1', false), question), 0);
    for (let i = 0; i < 29; ++i) assert.equal(await send(group, 2), 0);
    assert.equal(await send(group, 2), 846607);
    assert.equal(await client.code('aibot_respond_msg', stream('s', '2', true), question), 846607, 'answers count as well');
    assert.equal(await send('han.mei', 1), 0, 'each conversation for itself');
    await sim.later('PT1M');
    assert.equal(await send(group, 2), 0);
    await sim.event({ kind: 'bot_removed', chat: group });
    assert.equal(await send(group, 2), 93006);
    client.destroy();
  });
});

test('files go up in chunks and are sent by their id', async () => {
  await withSim(async (sim) => {
    const client = await sim.socket();
    await sim.event(inPrivate);
    const bytes = Buffer.alloc(600 * 1024, 'xieban');
    const begin = (more = {}) => client.ask('aibot_upload_media_init', { type: 'file', filename: '周报.xlsx', total_size: bytes.length, total_chunks: 2, ...more });
    for (const wrong of [{ type: 'text' }, { filename: '' }, { total_size: 4 }, { total_size: 21 * 1024 * 1024 }, { total_chunks: 0 }, { total_chunks: 101 }, { type: 'image', total_size: 3 * 1024 * 1024 }])
      assert.equal((await begin(wrong)).errcode, 40058, JSON.stringify(wrong));
    const { upload_id } = (await begin()).body;
    const chunk = (chunk_index, data) => client.code('aibot_upload_media_chunk', { upload_id, chunk_index, base64_data: data.toString('base64') });
    assert.equal(await chunk(2, bytes.subarray(0, 9)), 40058, 'from 0');
    assert.equal(await chunk(0, Buffer.alloc(512 * 1024 + 1)), 40058, 'at most 512 KiB');
    assert.equal(await chunk(1, bytes.subarray(512 * 1024)), 0);
    assert.equal(await client.code('aibot_upload_media_finish', { upload_id }), 40058, 'a piece is missing');
    assert.equal(await chunk(0, bytes.subarray(0, 512 * 1024)), 0);
    const { body } = await client.ask('aibot_upload_media_finish', { upload_id });
    const send = (type, media_id) => client.code('aibot_send_msg', { chatid: 'han.mei', chat_type: 1, msgtype: type, [type]: { media_id } });
    assert.deepEqual([await send('image', body.media_id), await send('file', 'none'), await send('file', body.media_id)], [40007, 40007, 0]);
    assert.deepEqual((await sim.last()).card, { type: 'file', name: '周报.xlsx', bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    await sim.later('PT73H');
    assert.equal(await send('file', body.media_id), 40007, 'three days');
    client.destroy();
  });
});

test('one connection: a second one pushes the first out, whose req_ids die with it', async () => {
  await withSim(async (sim) => {
    const first = await sim.socket();
    await sim.event(inPrivate);
    const question = request(await first.next(1));
    const second = await sim.socket();
    const told = await first.next(2);
    assert.deepEqual([told.cmd, told.body.event], ['aibot_event_callback', { eventtype: 'disconnected_event' }]);
    assert.ok(await first.ends(15_000), 'and closed');
    assert.equal(await second.code('aibot_respond_msg', markdown('x'), question), 846605);
    await sim.event(inPrivate);
    assert.equal((await second.next(1)).cmd, 'aibot_msg_callback');

    await sim.limits({ old_connection_closes_ms: -1 });
    const third = await sim.socket();
    await second.next(2);
    await sim.event(inPrivate);
    await third.next(1);
    assert.equal(await second.code('ping'), 0, 'half dead: pings are acknowledged');
    assert.equal(second.pushed.length, 2, 'and nothing comes any more');
    assert.equal((await sim.control('stream', { do: 'half_dead' })).connections, 2);
    assert.equal((await sim.event(inPrivate)).deliveries[0].acked, false);
    assert.equal(await third.code('aibot_subscribe', credentials), 0, 'until it subscribes again');
    assert.equal((await sim.event(inPrivate)).deliveries[0].acked, true);
    second.destroy();
    third.destroy();
  });
});

test('what goes wrong with connections and acks', async () => {
  await withSim(async (sim) => {
    const disturb = (what) => sim.control('stream', { app: 'main', ...what });
    let client = await sim.socket();
    await sim.event(inPrivate);
    const send = (content, within) => client.code('aibot_send_msg', { chatid: 'han.mei', chat_type: 1, ...markdown(content) }, undefined, within);
    await disturb({ do: 'late_acks', ms: 400 });
    const before = performance.now();
    assert.equal(await send('late'), 0);
    assert.ok(performance.now() - before > 380);
    await disturb({ do: 'lost_acks', cmd: 'aibot_send_msg' });
    assert.equal(await send('lost', 300), undefined);
    await until(async () => (await sim.last()).text === 'lost', 'it was taken all the same');
    await disturb({ do: 'refuse_frames', code: 846607, times: 2 });
    assert.deepEqual([await send('a'), await send('b'), await send('c')], [846607, 846607, 0]);
    assert.deepEqual((await sim.messages()).map((one) => one.text), ['late', 'lost', 'c']);
    await disturb({ do: 'lost_acks', cmd: 'ping', times: -1 });
    assert.equal(await client.code('ping', undefined, undefined, 200), undefined);
    await disturb({ do: 'late_acks', ms: 0 });
    assert.equal(await client.code('ping'), 0);

    await disturb({ do: 'unknown_command' });
    assert.equal((await client.next(2)).cmd, 'aibot_get_mcp_config');
    await disturb({ do: 'control_characters' });
    await sim.event(inPrivate);
    await until(() => client.raw.at(-1).includes('\x01\x0b'), 'raw control characters');
    assert.throws(() => JSON.parse(client.raw.at(-1)));
    assert.equal(JSON.parse(client.raw.at(-1).replace(/[\x00-\x08\x0B-\x1F]/g, '')).body.text.content, '/帮助');
    await disturb({ do: 'garbage' });
    await until(() => client.raw.at(-1) === '{"cmd":"aibot_msg_callback","headers":', 'half a frame');
    await sim.event({ kind: 'raw', raw: '{"cmd":"aibot_event_callback","headers":{"req_id":"r"},"body":{}}', channel: 'bot' });
    assert.equal((await client.next(3)).headers.req_id, 'r');
    await disturb({ do: 'fragment' });
    await sim.event({ ...inPrivate, text: '长'.repeat(100) });
    assert.equal((await client.next(4)).body.text.content, '长'.repeat(100));
    assert.ok(client.frames.filter((one) => !one.final).length > 10);
    await disturb({ do: 'unsubscribe' });
    assert.equal(await client.code('ping'), 846609);
    await disturb({ do: 'close', app: '' });
    assert.ok(await client.ends(15_000));

    client = await sim.socket();
    await disturb({ do: 'kick' });
    assert.ok(await client.ends(15_000));
    assert.notEqual(client.frames.at(-1)?.kind, 'close', 'reset without a word');
    client = await sim.socket();
    await disturb({ do: 'zombie' });
    assert.equal(await client.code('ping', undefined, undefined, 300), undefined);
    client.destroy();
    client = await sim.socket();
    await disturb({ do: 'disconnect' });
    assert.equal((await client.next(1)).body.event.eventtype, 'disconnected_event');
    assert.ok(await client.ends(15_000));
    await disturb({ do: 'refuse', ms: 60_000 });
    await assert.rejects(sim.socket(), { status: 503 });
    await sim.later('PT1M1S');
    client = await sim.socket();
    await sim.limits({ silence_ms: 6000 });
    for (let i = 0; i < 15; ++i) {
      await pause(500);
      assert.equal(await client.code('ping'), 0);
    }
    assert.ok(await client.ends(15_000), 'too silent');
    await assert.rejects(disturb({ do: 'nonsense' }));
  });
});

// What WeCom's simulator pushes to addresses: XML to the app, JSON to the smart bot; sealed, repeated, and the answers it takes.
import test from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { agent, app, bot, botAnswer, card, corp, element, group, open, opened, passive, signature, until, withSim } from './wecom_world.mjs';

const said = { kind: 'message', user: 'han.mei', chat: group, text: '@协办 /帮助', mentions: ['bot'] };

// ---- callbacks of the self-built app ---------------------------------------------------------------------

test('the app hears its private chat, its menu and who comes and goes; nothing from groups', async () => {
  let reply = '';
  await withSim(
    async (sim, seen) => {
      const text = (content) => passive(`<xml><ToUserName>han.mei</ToUserName><FromUserName>${corp}</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><Content><![CDATA[${content}]]></Content></xml>`);
      reply = text('收到');
      const one = await sim.event({ kind: 'message', user: 'han.mei', chat: 'app:han.mei', text: '/待办 ]]> <b>' });
      assert.deepEqual(one.deliveries.map(({ attempt, status, acked }) => [attempt, status, acked]), [[1, 200, true]]);
      const xml = opened(seen[0]);
      const names = ['ToUserName', 'FromUserName', 'MsgType', 'MsgId', 'AgentID'];
      assert.deepEqual(names.map((name) => element(xml, name)), [corp, 'han.mei', 'text', one.id, String(agent)]);
      assert.match(one.id, /^\d{19}$/);
      await sim.event({ kind: 'message', user: 'han.mei', chat: 'app:han.mei', content: { MsgType: 'image', PicUrl: 'http://x/p.png', MediaId: 'm1' } });
      assert.deepEqual(['MsgType', 'MediaId', 'Content'].map((name) => element(opened(seen.at(-1)), name)), ['image', 'm1', undefined]);
      assert.ok(xml.includes('/待办 ]]]]><![CDATA[> <b>'), 'CDATA cannot hold its own end');
      assert.ok(Math.abs(Number(element(xml, 'CreateTime')) - Date.now() / 1000) < 60);
      assert.deepEqual([(await sim.last()).chat, (await sim.last()).text], ['app:han.mei', '收到']);

      for (const [what, event, key] of [[{ kind: 'menu', key: 'todo' }, 'click', 'todo'], [{ kind: 'menu', key: 'http://x', view: true }, 'view', 'http://x'],
        [{ kind: 'enter', chat: 'app:han.mei' }, 'enter_agent', ''], [{ kind: 'subscribed' }, 'subscribe', '']]) {
        await sim.event({ user: 'han.mei', ...what });
        const told = opened(seen.at(-1));
        assert.deepEqual([element(told, 'Event'), element(told, 'EventKey'), element(told, 'FromUserName')], [event, key, 'han.mei']);
      }
      for (const [wrong, errcode] of [[passive('<xml></xml>', { signed: false }), 40001], ['{"errcode":0}', 40035], [text('').replace(/<Encrypt>.*<\/Encrypt>/, ''), 40001],
        [passive(`<!DOCTYPE xml [<!ENTITY a "b">]><xml><MsgType>text</MsgType></xml>`), 40035], [text(''), 44004], [text('x').replace('1788231008</T', '1788231009</T'), 40001],
        [passive(`<xml><ToUserName>LiLei</ToUserName><FromUserName>${corp}</FromUserName><MsgType>text</MsgType><Content>x</Content></xml>`), 40035],
        [passive(`<xml><ToUserName>han.mei</ToUserName><FromUserName>${corp}</FromUserName><MsgType>update_button</MsgType><Button><ReplaceName>x</ReplaceName></Button></xml>`), 40008]]) {
        reply = wrong;
        await sim.event({ kind: 'message', user: 'han.mei', chat: 'app:han.mei', text: 'x' });
        assert.equal((await sim.received('/hook/')).at(-1).code, errcode, wrong);
      }
      reply = '';
      const count = seen.length;
      assert.deepEqual((await sim.event({ ...said, channel: 'app' })).deliveries, [], 'an app is in no group');
      await sim.event({ kind: 'contact_changed', user: 'LiLei' });
      assert.equal(seen.length, count);
      await sim.limits({ contact_events: 1 });
      await sim.event({ kind: 'contact_changed', user: 'LiLei' });
      assert.deepEqual(['Event', 'ChangeType', 'UserID'].map((name) => element(opened(seen.at(-1)), name)), ['change_contact', 'update_user', 'LiLei']);
      await sim.event({ kind: 'user_left', user: 'LiLei' });
      assert.deepEqual([element(opened(seen.at(-1)), 'Event'), element(opened(seen.at(-1)), 'FromUserName')], ['unsubscribe', 'LiLei']);
      assert.equal((await sim.send('x', { touser: 'LiLei|han.mei' })).invaliduser, 'lilei');
    },
    () => ({ body: reply }),
  );
});

test('three attempts in all, with the same MsgId, until there is a 200 within five seconds', async () => {
  let answer = { status: 500 };
  await withSim(
    async (sim, seen) => {
      const since = performance.now();
      const lost = await sim.event({ kind: 'message', user: 'han.mei', chat: 'app:han.mei', text: '再来' });
      assert.deepEqual(lost.deliveries.map((one) => [one.status, one.acked]), [[500, false]]);
      await pause(200);
      // On a machine that stalls for so long it is time.
      if (performance.now() - since < 4500) assert.equal(seen.length, 1, 'not at once');
      await sim.later('PT5S');
      await until(() => seen.length >= 2, 'the second attempt');
      await sim.later('PT5S');
      await until(() => seen.length >= 3, 'the third attempt');
      await sim.later('PT1M');
      await pause(200);
      assert.equal(seen.length, 3);
      assert.deepEqual(new Set(seen.map((one) => element(opened(one), 'MsgId'))), new Set([lost.id]));
      assert.equal(new Set(seen.map((one) => one.url)).size, 3, 'sealed anew');
      await sim.limits({ repeats_are_sealed_anew: 0 });
      await sim.event({ kind: 'message', user: 'han.mei', chat: 'app:han.mei', text: '再来' });
      await sim.later('PT5S');
      await until(() => seen.length >= 5, 'the repeat');
      assert.equal(seen[4].url, seen[3].url, 'or byte for byte');
      answer = {};
      await sim.later('PT5S');
      await until(() => seen.length === 6, 'the last repeat');

      answer = { after: 15_000 };
      const slow = await sim.event({ kind: 'message', user: 'han.mei', chat: 'app:han.mei', text: '慢' });
      assert.equal(slow.deliveries[0].acked, false);
      assert.ok(slow.deliveries[0].ms >= 4900 && slow.deliveries[0].ms < 14_000);
    },
    () => answer,
  );
});

test('the check of an address wants the bare digits within a second; raw bytes and broken seals go out as wished', async () => {
  let answer = () => ({});
  await withSim(
    async (sim, seen) => {
      for (const [channel, keys] of [['app', app], ['bot', bot]]) {
        answer = (request) => {
          const query = new URL(request.url, 'http://x').searchParams;
          assert.equal(query.get('msg_signature'), signature(keys.token, query.get('timestamp'), query.get('nonce'), query.get('echostr')));
          return { body: open(keys, query.get('echostr')) };
        };
        // Within a second: on a busy machine not each time.
        await until(async () => (await sim.event({ kind: 'url_check', channel })).deliveries[0].acked, `the check of the ${channel}`);
        assert.equal(seen.at(-1).method, 'GET');
        assert.ok(seen.at(-1).url.startsWith(`/hook/wecom/main/${channel}?`));
        const right = answer;
        answer = (request) => ({ body: `${right(request).body}\n` });
        assert.equal((await sim.event({ kind: 'url_check', channel })).deliveries[0].acked, false, 'no new line');
        answer = (request) => ({ ...right(request), after: 6000 });
        assert.equal((await sim.event({ kind: 'url_check', channel })).deliveries[0].acked, false, 'too late');
      }
      answer = () => ({});
      await sim.event({ kind: 'raw', channel: 'app', raw: '<!DOCTYPE x><xml/>' });
      assert.equal(opened(seen.at(-1)), '<!DOCTYPE x><xml/>');
      await sim.event({ kind: 'raw', channel: 'app', raw: '<xml/>', spoil: 'signature' });
      assert.throws(() => opened(seen.at(-1)), 'the signature is wrong');
      await sim.event({ kind: 'raw', channel: 'app', raw: '<xml/>', spoil: 'receive_id' });
      assert.throws(() => opened(seen.at(-1)), /receive id/);
      await sim.event({ kind: 'raw', channel: 'app', raw: 'naked', sealed: false, query: 'a=b' });
      assert.deepEqual([seen.at(-1).url, seen.at(-1).body], ['/hook/wecom/main/app?a=b', 'naked']);
    },
    (request) => answer(request),
  );
});

test('"via" says which way an event goes; a way that the app or the bot does not have is refused', async () => {
  await withSim(
    async (sim, seen) => {
      const client = await sim.socket();
      const { deliveries } = await sim.event({ ...said, via: 'webhook' });
      assert.deepEqual([deliveries[0].status, deliveries[0].acked, client.pushed.length], [200, true, 0]);
      assert.match(seen[0].url, /^\/hook\/wecom\/main\/bot\?/);
      assert.equal(opened(seen[0]).text.content, '@协办 /帮助');
      await sim.event({ ...said, via: 'stream' });
      assert.equal((await client.next(1)).body.text.content, '@协办 /帮助');
      await sim.event(said);
      await client.next(2);
      assert.equal(seen.length, 1);
      const toApp = { kind: 'message', user: 'han.mei', chat: 'app:han.mei', text: 'x' };
      await sim.event({ ...toApp, via: 'webhook' });
      assert.equal(seen.length, 2);
      await assert.rejects(sim.event({ ...toApp, via: 'stream' }), /a self-built app has no long connection/);
      await sim.change('bot', { transport: 'webhook' });
      await assert.rejects(sim.event({ ...said, via: 'stream' }), /the smart bot has no long connection/);
      assert.deepEqual([seen.length, client.pushed.length], [2, 2]);
      client.destroy();
    },
    () => ({}),
  );
  await withSim((sim) => assert.rejects(sim.event({ ...said, via: 'webhook' }), /without --to/));
});

// ---- the smart bot by callback ---------------------------------------------------------------------------

test('a smart bot by callback: mentions only, streams asked for again, answers with the nonce of the call', async () => {
  let answer = () => undefined;
  await withSim(
    async (sim, seen) => {
      await sim.change('bot', { transport: 'webhook' });
      // Nothing comes twice here, or it would stand among what is looked at.
      await sim.limits({ stream_poll_ms: 30, bot_repeats: 0 });
      const say = (more = {}) => sim.event({ ...said, ...more });
      const verdict = async () => (await sim.received('/hook/')).at(-1);
      answer = (request) => ({ body: botAnswer(request, { msgtype: 'stream', stream: { id: 's1', finish: true, content: '好的' } }) });
      const { id } = await say({ quote: '昨天的进度' });
      const got = opened(seen[0]);
      assert.match(seen[0].url, /^\/hook\/wecom\/main\/bot\?/);
      const { response_url, create_time, ...rest } = got;
      assert.deepEqual(rest, { msgid: id, aibotid: bot.id, chatid: group, chattype: 'group', from: { userid: 'han.mei' }, msgtype: 'text', text: { content: '@协办 /帮助' }, quote: { msgtype: 'text', text: { content: '昨天的进度' } } });
      assert.equal(typeof create_time, 'number');
      assert.deepEqual([(await sim.last()).chat, (await sim.last()).text], [group, '好的']);
      assert.deepEqual((await say({ mentions: [] })).deliveries, [], 'not mentioned');
      await say({ text: '/帮助' });
      assert.equal(opened(seen.at(-1)).text.content, '@协办 /帮助', 'a mention is part of the text');

      let polls = 0;
      answer = (request) => {
        const asked = opened(request);
        if (asked.msgtype === 'stream') assert.deepEqual([asked.stream, asked.response_url], [{ id: 's2' }, undefined]);
        ++polls;
        return { body: botAnswer(request, { msgtype: 'stream', stream: { id: 's2', finish: polls === 3, content: `第${polls}步` } }) };
      };
      await say({ chat: 'bot:han.mei', mentions: [] });
      await until(async () => (await sim.last())?.text === '第3步', 'the finished stream');
      await pause(150);
      assert.equal(polls, 3, 'no more questions after the end');
      assert.equal((await sim.last('user=han.mei')).version, 3);
      answer = (request) => ({ body: botAnswer(request, { msgtype: 'stream', stream: { id: 's3', finish: false, content: '永远' } }) });
      await say();
      await until(() => opened(seen.at(-1)).msgtype === 'stream', 'a question');
      await sim.later('PT6M1S');
      // Asked every 30 ms until then, and not any more.
      await until(async () => {
        const asked = seen.length;
        await pause(1500);
        return seen.length === asked;
      }, 'six minutes at most');

      const wrong = [
        [40008, { msgtype: 'text', text: { content: 'x' } }],
        [40008, { msgtype: 'markdown', markdown: { content: 'x' } }],
        [45002, { msgtype: 'stream', stream: { id: 's', finish: true, content: 'x'.repeat(20481) } }],
        [40058, { msgtype: 'stream', stream: { finish: true, content: 'x' } }],
        [40058, { msgtype: 'stream', stream: { id: 's', finish: false, content: 'x', msg_item: [{ msgtype: 'image' }] } }],
        [40058, { msgtype: 'stream', stream: { id: 's', finish: true, content: 'x', feedback: { id: 'f'.repeat(257) } } }],
      ];
      for (const [errcode, body] of wrong) {
        answer = (request) => ({ body: botAnswer(request, body) });
        await say();
        assert.equal((await verdict()).code, errcode, JSON.stringify(body).slice(0, 60));
      }
      const fine = { msgtype: 'stream', stream: { id: 's', finish: true, content: 'x' } };
      for (const change of [{ nonce: 'another' }, { keys: { ...bot, receiveId: corp } }, { keys: { ...bot, token: 'wrong' } }]) {
        answer = (request) => ({ body: botAnswer(request, fine, change) });
        await say();
        assert.equal((await verdict()).accepted, false, JSON.stringify(change));
      }
      answer = (request) => ({ body: botAnswer(request, { msgtype: 'stream_with_template_card', stream: { id: 'st9', finish: true, content: '见卡片' }, template_card: card('hook_1') }) });
      await say();
      const shown = await sim.last();
      assert.deepEqual([shown.kind, shown.key, shown.chat], ['card', 'hook_1', group]);

      answer = (request) => ({ body: botAnswer(request, { response_type: 'update_template_card', template_card: { card_type: 'text_notice', main_title: { title: '已接受' }, card_action: { type: 1, url: 'http://x' }, task_id: 'hook_1' } }) });
      await sim.event({ kind: 'press', message: shown.id, user: 'LiLei', action: '接受' });
      const pressed = opened(seen.at(-1));
      assert.deepEqual([pressed.event, pressed.from.userid, pressed.chattype], [{ eventtype: 'template_card_event', template_card_event: { card_type: 'button_interaction', event_key: 'accept:1', task_id: 'hook_1' } }, 'LiLei', 'group']);
      assert.equal((await sim.last()).text, '已接受\n');

      await sim.later('PT2M');
      const later = (url, body) => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).then((one) => one.json());
      answer = () => undefined;
      await say();
      const groupUrl = opened(seen.at(-1)).response_url;
      const markdown = { msgtype: 'markdown', markdown: { content: '**稍后**' } };
      assert.equal((await later(groupUrl, { msgtype: 'template_card', template_card: card('u1') })).errcode, 40008, 'no cards into groups');
      assert.equal((await later(groupUrl, markdown)).errcode, 0);
      assert.equal((await later(groupUrl, markdown)).errcode, 40035, 'once');
      const replies = await sim.received('aibot/response');
      assert.equal(replies.length, 3);
      assert.ok(!JSON.stringify(replies).includes(new URL(groupUrl).searchParams.get('response_code')), 'the code is masked in the journal');
      await say({ chat: 'bot:LiLei', user: 'LiLei' });
      const url = opened(seen.at(-1)).response_url;
      await say({ chat: 'bot:LiLei', user: 'LiLei' });
      const second = opened(seen.at(-1)).response_url;
      assert.equal((await later(url, { msgtype: 'template_card', template_card: card('u1') })).errcode, 0);
      await sim.later('PT1H1S');
      assert.equal((await later(second, markdown)).errcode, 40035, 'for an hour');
    },
    (request) => answer(request),
  );
});

test('a smart bot by callback: messages come again, presses and entries once; a stranger gets its encrypted id', async () => {
  let status = 500;
  let reply = () => '';
  await withSim(
    async (sim, seen) => {
      // An entry is told once a day of the platform's: what is meant to be one day does not begin at its end.
      const day = 86_400_000;
      if (day - ((Date.now() + 8 * 3_600_000) % day) < 300_000) await sim.later('PT5M');
      await sim.change('bot', { transport: 'webhook', encrypted_ids: true });
      await sim.event(said);
      await sim.later('PT5S');
      await until(() => seen.length >= 2, 'the repeat');
      const [first, second] = seen.map(opened);
      assert.deepEqual(first, second);
      assert.match(first.from.userid, /^woSim_/);
      const { userid_list } = await sim.call('/cgi-bin/batch/openuserid_to_userid', { open_userid_list: [first.from.userid] });
      assert.equal(userid_list[0].userid, 'han.mei');
      status = 200;
      await sim.later('PT5S');
      await until(() => seen.length === 3, 'the last repeat');
      status = 500;
      await sim.event({ kind: 'enter', user: 'LiLei', chat: 'bot:LiLei' });
      await sim.later('PT1M');
      await pause(200);
      assert.equal(seen.length, 4);
      assert.equal(opened(seen[3]).event.eventtype, 'enter_chat');
      assert.deepEqual((await sim.event({ kind: 'enter', user: 'LiLei' })).deliveries, [], 'the first of the day only');
      await sim.later('PT24H');
      status = 200;
      reply = (request) => botAnswer(request, { msgtype: 'text', text: { content: '欢迎' } });
      assert.equal((await sim.event({ kind: 'enter', user: 'LiLei' })).deliveries.length, 1);
      assert.deepEqual([(await sim.last()).chat, (await sim.last()).text], ['bot:LiLei', '欢迎']);
      reply = (request) => botAnswer(request, { msgtype: 'stream', stream: { id: 's', finish: true, content: 'x' } });
      const held = await sim.event({ kind: 'feedback', user: 'LiLei', feedback: 'fb1', type: 2 });
      assert.equal(held.deliveries.length, 1);
      assert.deepEqual(opened(seen.at(-1)).event, { eventtype: 'feedback_event', feedback_event: { id: 'fb1', type: 2 } });
      assert.deepEqual((await sim.received('/hook/')).map((one) => one.code), [0, 40008], 'only an empty packet answers feedback');
      reply = () => '';
      for (const kind of ['bot_removed', 'bot_added']) assert.deepEqual((await sim.event({ kind, chat: group, user: 'LiLei' })).deliveries, []);
      await sim.event({ kind: 'bot_removed', chat: group });
      assert.deepEqual((await sim.event(said)).deliveries, []);
    },
    (request) => ({ status, body: reply(request) }),
  );
});

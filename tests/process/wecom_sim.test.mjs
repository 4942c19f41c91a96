// The interfaces of WeCom's simulator, called by hand: tokens, strictness about every message and card, presses and updates,
// groups, the directory, limits and silent losses.
import test from 'node:test';
import assert from 'node:assert/strict';
import { agent, card, corp, element, group, opened, passive, secret, withSim } from './wecom_world.mjs';

const gettoken = (id = corp, key = secret) => `/cgi-bin/gettoken?corpid=${id}&corpsecret=${key}`;
const code = async (call) => (await call).errcode;

test('tokens: one per app, two hours; wrong ones have their own codes, and addresses can be refused', async () => {
  await withSim(async (sim) => {
    const first = await sim.call(gettoken(), undefined, { token: '' });
    assert.deepEqual([first.errcode, first.access_token], [0, sim.token], 'the same as long as it lives');
    assert.ok(first.expires_in > 7100 && first.expires_in <= 7200);
    assert.equal(await code(sim.call(gettoken(corp, 'wrong'))), 40001);
    assert.equal(await code(sim.call(gettoken('wwother'))), 40013);
    assert.equal(await code(sim.call('/cgi-bin/user/get?userid=LiLei', undefined, { token: '' })), 41001);
    assert.equal(await code(sim.call('/cgi-bin/user/get?userid=LiLei', undefined, { token: 'nonsense' })), 40014);
    await sim.later('PT1H59M');
    assert.equal(await code(sim.send('x')), 0);
    await sim.later('PT1M1S');
    assert.equal(await code(sim.send('x')), 42001);
    await sim.login();
    assert.notEqual(sim.token, first.access_token);
    await sim.control('faults', { do: 'expire_token', match: { path: 'message/send' } });
    assert.equal(await code(sim.send('x')), 42001);
    await sim.login();

    await sim.change('app', { trusted_ips: ['10.0.0.1'] });
    const refused = await sim.send('x');
    assert.equal(refused.errcode, 60020);
    assert.match(refused.errmsg, /from ip: 127\.0\.0\.1/);
    assert.equal(await code(sim.call(gettoken(), undefined, { token: '' })), 60020);
    await sim.limits({ gettoken_checks_ip: 0 });
    assert.equal(await code(sim.call(gettoken(), undefined, { token: '' })), 0, 'unless the platform does not look');
    await sim.change('app', { trusted_ips: ['10.0.0.1', '127.0.0.1'] });
    assert.equal(await code(sim.send('x')), 0);

    await sim.limits({ bad_secrets_per_hour: 2 });
    for (let i = 0; i < 3; ++i) await sim.call(gettoken(corp, 'wrong'));
    assert.equal(await code(sim.call(gettoken())), 45009, 'blocked for an hour, even with the right one');
    await sim.later('PT1H1S');
    assert.equal(await code(sim.call(gettoken())), 0);
    const asked = (await sim.received('gettoken')).map((one) => one.query).join();
    assert.ok(!asked.includes(secret), 'secrets are masked in the journal');
  });
});

test('app messages: every field is looked at, and who cannot be reached is named', async () => {
  await withSim(async (sim) => {
    const sent = await sim.send('**你好**', { touser: 'HAN.MEI|ghost|LiLei' });
    assert.deepEqual([sent.errcode, sent.invaliduser, sent.response_code], [0, 'ghost', undefined]);
    const shown = await sim.messages();
    assert.deepEqual(shown.map((one) => [one.chat, one.to, one.text]), [['app:han.mei', 'han.mei', '**你好**'], ['app:LiLei', 'LiLei', '**你好**']]);

    const wrong = [
      [81013, { touser: 'ghost' }],
      [82001, { touser: '' }],
      [40035, { touser: ['han.mei'] }],
      [40035, { touser: Array.from({ length: 1001 }, (_, i) => `u${i}`).join('|') }],
      [40056, { agentid: 5 }],
      [40056, { agentid: '1000027' }],
      [40008, { msgtype: 'card' }],
      [44004, { text: { content: '' } }],
      [44004, { content: 'x', text: undefined }],
      [45002, { msgtype: 'markdown', markdown: { content: '字'.repeat(683) } }],
      [41016, { msgtype: 'textcard', textcard: { description: 'x', url: 'http://x' } }],
      [41033, { msgtype: 'textcard', textcard: { title: 'x', url: 'http://x' } }],
      [40058, { msgtype: 'textcard', textcard: { title: 'x', description: 'x' } }],
      [45002, { msgtype: 'textcard', textcard: { title: 'x', description: '字'.repeat(513), url: 'http://x' } }],
      [40007, { msgtype: 'file', file: { media_id: 'none' } }],
      [40035, { enable_duplicate_check: true }],
      [40035, { duplicate_check_interval: 14401 }],
      [40035, { msgtype: 'markdown', markdown: { content: 'x' }, safe: 1 }],
    ];
    for (const [errcode, change] of wrong) assert.equal(await code(sim.send('x', change)), errcode, JSON.stringify(change).slice(0, 80));
    assert.equal(await code(sim.call('/cgi-bin/message/send', '{"touser"')), 40035);
    assert.equal((await sim.call('/cgi-bin/message/sent', {})).status, 404);

    await sim.send('字'.repeat(700));
    assert.equal((await sim.last()).text, '字'.repeat(682), 'text is cut at 2048 bytes, between characters');
    await sim.limits({ long_markdown_is_cut: 1 });
    assert.equal(await code(sim.send('', { msgtype: 'markdown', markdown: { content: 'x'.repeat(2049) } })), 0);
    assert.equal((await sim.last()).text.length, 2048);
    assert.equal(await code(sim.send('', { msgtype: 'textcard', textcard: { title: '题', description: '内容', url: 'http://x' } })), 0);

    await sim.send('an alle', { touser: '@all' });
    assert.deepEqual((await sim.messages()).slice(-2).map((one) => one.to), ['han.mei', 'LiLei']);
    await sim.send('', { touser: undefined, toparty: '200|999', msgtype: 'text', text: { content: '部门' } });
    assert.equal((await sim.last()).to, 'LiLei');
    await sim.person('LiLei', { visible: false });
    assert.equal((await sim.send('x', { touser: 'LiLei|han.mei' })).invaliduser, 'lilei');

    const { apps } = await sim.control('world');
    await sim.control('world', { apps: [apps[0], { ...apps[0], id: 'second', app: { ...apps[0].app, agent_id: 7, secret: 'other' } }] }, 'PUT');
    assert.equal(await code(sim.send('x', { agentid: 7 })), 301002);
  });
});

test('app messages: repeats are recognised by their bytes; the thirty-first in a minute is lost silently; a day ends', async () => {
  await withSim(async (sim) => {
    const once = { enable_duplicate_check: 1, duplicate_check_interval: 60 };
    const first = await sim.send('一次', once);
    assert.deepEqual(await sim.send('一次', once), first);
    assert.equal((await sim.messages()).length, 1);
    await sim.send('一次 ', once);
    await sim.later('PT61S');
    await sim.send('一次', once);
    assert.equal((await sim.messages()).length, 3, 'other bytes, or a later time, are another message');
    await sim.later('PT2M');

    for (let i = 0; i < 31; ++i) assert.equal(await code(sim.send(`m${i}`)), 0);
    const shown = (await sim.messages()).slice(-31);
    assert.deepEqual(shown.map((one) => one.dropped), [...Array(30).fill(null), 'member_limit']);
    await sim.send('anybody else', { touser: 'LiLei' });
    assert.equal((await sim.last()).dropped, null);
    await sim.later('PT1M');
    await sim.send('later');
    assert.equal((await sim.last()).dropped, null);
    await sim.limits({ messages_per_day: 3 });
    assert.equal(await code(sim.send('x')), 45009);
    await sim.later('PT24H');
    await sim.login();
    assert.equal(await code(sim.send('x')), 0);
  });
});

test('cards: what is wrong with them has a code, in each dialect', async () => {
  await withSim(async (sim) => {
    let count = 0;
    const notice = { card_type: 'text_notice', main_title: { title: '题' }, card_action: { type: 1, url: 'http://x' } };
    const vote = { card_type: 'vote_interaction', main_title: { title: '题' }, submit_button: { text: '提交', key: 's' }, checkbox: { question_key: 'q', option_list: [{ id: 'a', text: '甲' }] } };
    const select = { question_key: 'q', title: '负责人', option_list: [{ id: 'a', text: '甲' }] };
    const many = { card_type: 'multiple_interaction', main_title: { title: '题' }, submit_button: { text: '提交', key: 's' }, select_list: [select] };
    const fresh = (more) => ({ task_id: `t${++count}`, ...more });
    const good = [card('a1'), notice, fresh(vote), fresh(many), card('a2', { button_list: [{ type: 1, text: '详情', url: 'http://x' }, { text: '接受', key: 'k' }] }),
      fresh({ ...notice, action_menu: { desc: '更多', action_list: [{ text: '静音', key: 'mute' }] } }),
      { card_type: 'news_notice', main_title: { title: '题' }, card_action: { type: 1, url: 'http://x' }, card_image: { url: 'http://x', aspect_ratio: 2 } }];
    for (const one of good) assert.equal(await code(sim.sendCard(one)), 0, JSON.stringify(one));
    const wrong = [
      [41016, undefined],
      [40058, { ...notice, card_type: 'notice' }],
      [41016, { card_type: 'text_notice', card_action: { type: 1, url: 'http://x' } }],
      [41016, { ...notice, card_action: undefined }],
      [40058, { ...notice, card_action: { type: 0 } }],
      [40058, { ...notice, card_action: { type: 1 } }],
      [40058, { ...good.at(-1), card_image: { url: 'http://x', aspect_ratio: 3 } }],
      [40058, { ...good.at(-1), card_image: undefined }],
      [42014, card(undefined)],
      [42014, card('a1')],
      [42014, card('spaces in it')],
      [42014, card('x'.repeat(129))],
      [42014, { ...notice, action_menu: { desc: '更多', action_list: [{ text: '静音', key: 'mute' }] } }],
      [41016, card('b1', { main_title: { desc: 'x' } })],
      [40058, card('b2', { button_list: [] })],
      [40058, card('b3', { button_list: Array.from({ length: 7 }, (_, i) => ({ text: 'x', key: `${i}` })) })],
      [42019, card('b4', { button_list: [{ text: 'x', key: 'k' }, { text: 'y', key: 'k' }] })],
      [42019, card('b5', { button_list: [{ text: 'x', key: 'k'.repeat(1025) }] })],
      [40058, card('b6', { button_list: [{ text: 'x', key: 'k', style: 5 }] })],
      [40058, card('b7', { button_list: [{ type: 1, text: 'x' }] })],
      [45002, card('b8', { main_title: { title: '字'.repeat(37) } })],
      [45002, card('b9', { button_list: [{ text: '字'.repeat(11), key: 'k' }] })],
      [45002, card('c1', { sub_title_text: '字'.repeat(161) })],
      [40058, card('c2', { horizontal_content_list: Array.from({ length: 7 }, () => ({ keyname: '键' })) })],
      [40058, card('c3', { horizontal_content_list: [{ value: 'x' }] })],
      [40058, card('c4', { horizontal_content_list: [{ keyname: 'x', type: 3 }] })],
      [40058, card('c5', { jump_list: Array.from({ length: 4 }, () => ({ title: 'x' })) })],
      [40058, card('c6', { jump_list: [{ title: 'x', type: 3, question: '?' }] })],
      [40058, card('c7', { button_selection: { ...select, option_list: Array.from({ length: 11 }, (_, i) => ({ id: `${i}`, text: 'x' })) } })],
      [40058, card('c8', { button_selection: { ...select, option_list: [{ id: 'a', text: '甲' }, { id: 'a', text: '乙' }] } })],
      [40058, fresh({ ...vote, checkbox: { question_key: 'q', option_list: [] } })],
      [41016, fresh({ ...vote, submit_button: undefined })],
      [40058, fresh({ ...many, select_list: Array.from({ length: 4 }, (_, i) => ({ ...select, question_key: `q${i}` })) })],
      [42019, fresh({ ...many, select_list: [select, select] })],
    ];
    const before = (await sim.messages()).length;
    for (const [errcode, one] of wrong) assert.equal(await code(sim.sendCard(one)), errcode, JSON.stringify(one)?.slice(0, 120));
    assert.equal((await sim.messages()).length, before);
    assert.equal(await code(sim.send('', { msgtype: 'template_card', ...card('flat') })), 41016, 'not nested');
    await sim.limits({ long_card_text_is_cut: 1 });
    assert.equal(await code(sim.sendCard(card('d1', { main_title: { title: '字'.repeat(40) } }))), 0);
    assert.equal((await sim.last()).card.main_title.title, '字'.repeat(36));
    await sim.limits({});

    const socket = await sim.socket();
    await sim.event({ kind: 'message', user: 'han.mei', chat: 'bot:han.mei', text: '你好' });
    const send = (template_card) => socket.code('aibot_send_msg', { chatid: 'han.mei', chat_type: 1, msgtype: 'template_card', template_card });
    assert.equal(await send(card('bot1', { jump_list: [{ title: '问', type: 3, question: '进度?' }] })), 0);
    const narrow = [
      [45002, card('bot2', { main_title: { title: '字'.repeat(27) } })],
      [45002, card('bot3', { sub_title_text: '字'.repeat(113) })],
      [40058, card('bot4', { button_list: [{ type: 1, text: '详情', url: 'http://x' }] })],
      [40058, card('bot5', { horizontal_content_list: [{ keyname: 'x', type: 2, media_id: 'm' }] })],
      [42014, card('bot1')],
      [42014, card(undefined)],
    ];
    for (const [errcode, one] of narrow) assert.equal(await send(one), errcode, JSON.stringify(one));
    await sim.change('app', { callback: false });
    assert.equal(await code(sim.sendCard(card('e1'))), 48002, 'without an address nobody hears the press');
    assert.equal(await code(sim.sendCard(notice)), 0);
    socket.destroy();
  });
});

test('app cards: pressed, updated by codes that work once and for 72 hours, answered for the presser alone', async () => {
  let reply = '';
  await withSim(
    async (sim, seen) => {
      const selection = { button_selection: { question_key: 'due', title: '完成日', option_list: [{ id: 'd3', text: '3天' }, { id: 'd5', text: '5天' }], selected_id: 'd3' } };
      const sent = await sim.sendCard(card('cr_1@v1', selection), { touser: 'han.mei|LiLei' });
      assert.ok(sent.response_code);
      const [hers, his] = await sim.messages();
      assert.equal(hers.text, '协作请求\n来自 市场部\n完成日 (3天) (5天)\n[接受]\n[拒绝]\n');
      assert.equal(hers.key, 'cr_1@v1');

      const press = (more = {}) => sim.event({ kind: 'press', message: hers.id, user: 'han.mei', action: 'accept:1', ...more });
      assert.equal((await press({ inputs: { due: 'd5' } })).deliveries[0].acked, true);
      const xml = opened(seen[0]);
      assert.match(seen[0].url, /^\/hook\/wecom\/main\/app\?/);
      assert.equal(element(seen[0].body, 'AgentID'), String(agent));
      const names = ['ToUserName', 'FromUserName', 'MsgType', 'Event', 'EventKey', 'TaskId', 'CardType', 'AgentID', 'QuestionKey', 'OptionId', 'MsgId'];
      assert.deepEqual(names.map((name) => element(xml, name)), [corp, 'han.mei', 'event', 'template_card_event', 'accept:1', 'cr_1@v1', 'button_interaction', String(agent), 'due', 'd5', undefined]);
      await press({ action: '接受' });
      const again = opened(seen[1]);
      assert.equal(element(again, 'OptionId'), 'd3', 'what was chosen before');
      assert.notEqual(element(again, 'ResponseCode'), element(xml, 'ResponseCode'), 'each press has a code of its own');
      for (const more of [{ action: 'nothing' }, { user: 'LiLei' }, { inputs: { due: 'd9' } }, { inputs: { other: 'x' } }]) await assert.rejects(press(more), JSON.stringify(more));

      const update = (response_code, more = {}) => sim.call('/cgi-bin/message/update_template_card', { userids: ['han.mei'], agentid: agent, response_code, button: { replace_name: '已接受' }, ...more });
      assert.equal(await code(update('unknown')), 42017);
      assert.equal(await code(update(sent.response_code, { agentid: 1 })), 40056);
      assert.equal(await code(update(sent.response_code, { button: undefined })), 40035);
      assert.equal(await code(update(sent.response_code, { userids: [] })), 82001);
      assert.deepEqual((await update(sent.response_code, { userids: ['HAN.MEI', 'ghost'] })).invaliduser, ['ghost']);
      assert.equal(await code(update(sent.response_code)), 42017, 'used');
      let shown = await sim.messages();
      assert.deepEqual(shown.map((one) => [one.to, one.version, one.text.includes('[已接受]')]), [['LiLei', 1, false], ['han.mei', 2, true]]);
      await assert.rejects(press(), 'its buttons are grey');

      const whole = { card_type: 'text_notice', main_title: { title: '完成' }, card_action: { type: 1, url: 'http://x' } };
      const latest = element(xml, 'ResponseCode');
      assert.equal(await code(update(latest, { button: undefined, template_card: { ...whole, main_title: {} } })), 41016);
      assert.equal(await code(update(latest, { button: undefined, template_card: whole, atall: 1, userids: undefined })), 0, 'a refusal does not use the code up');
      shown = await sim.messages();
      assert.deepEqual(shown.map((one) => [one.text, one.key]), [['完成\n', 'cr_1@v1'], ['完成\n', 'cr_1@v1']]);
      await sim.later('PT72H1S');
      await sim.login();
      assert.equal(await code(update(element(again, 'ResponseCode'))), 42017, 'too old');

      await sim.sendCard(card('cr_2@v1'), { touser: 'han.mei|LiLei' });
      const pair = (await sim.messages()).slice(-2);
      const answer = (kind, inner) => passive(`<xml><ToUserName><![CDATA[han.mei]]></ToUserName><FromUserName><![CDATA[${corp}]]></FromUserName><CreateTime>1</CreateTime><MsgType><![CDATA[${kind}]]></MsgType>${inner}</xml>`);
      const text = async (one) => (await sim.messages()).find(({ id }) => id === one.id).text;
      const on = { kind: 'press', message: pair[0].id, user: 'han.mei', action: 'accept:1' };
      reply = answer('update_template_card', '<TemplateCard><CardType>button_interaction</CardType><MainTitle><Title>再想想</Title></MainTitle><ButtonList><Text>好</Text><Style>2</Style><Key>ok</Key></ButtonList><ButtonList><Text>不</Text><Style>1</Style><Key>no</Key></ButtonList></TemplateCard>');
      await sim.event(on);
      assert.deepEqual([await text(pair[0]), await text(pair[1])], ['再想想\n[好]\n[不]\n', '协作请求\n来自 市场部\n[接受]\n[拒绝]\n']);
      reply = answer('update_button', '<Button><ReplaceName><![CDATA[已处理]]></ReplaceName></Button>');
      await sim.event({ ...on, action: 'ok' });
      assert.equal(await text(pair[0]), '再想想\n[已处理]\n');
      assert.deepEqual((await sim.received('/hook/')).map((one) => [one.method, one.code, one.accepted]), [['ANSWER', 0, true], ['ANSWER', 0, true]]);
      assert.equal(his.to, 'LiLei');
      const updates = await sim.received('update_template_card');
      assert.ok(updates.length > 0 && !JSON.stringify(updates).includes(sent.response_code), 'codes are masked in the journal');
    },
    () => ({ body: reply }),
  );
});

test('votes, choices and menus: what was chosen travels with the press, in XML and in JSON', async () => {
  await withSim(
    async (sim, seen) => {
      const options = (...ids) => ids.map((id) => ({ id, text: `选${id}` }));
      const vote = { card_type: 'vote_interaction', main_title: { title: '时间' }, task_id: 'v1', checkbox: { question_key: 'slot', mode: 1, option_list: options('a', 'b', 'c') }, submit_button: { text: '提交', key: 'vote:1' } };
      const single = { ...vote, task_id: 'v2', checkbox: { ...vote.checkbox, mode: 0 } };
      const many = { card_type: 'multiple_interaction', main_title: { title: '分派' }, task_id: 'm1', submit_button: { key: 'assign:1' }, select_list: [{ question_key: 'owner', option_list: options('w', 'l'), selected_id: 'l' }, { question_key: 'due', option_list: options('d3', 'd5') }] };
      const menu = { card_type: 'text_notice', main_title: { title: '题' }, task_id: 'n1', card_action: { type: 1, url: 'http://x' }, action_menu: { desc: '更多', action_list: [{ text: '静音', key: 'mute:1' }] } };
      for (const one of [vote, single, many, menu]) assert.equal(await code(sim.sendCard(one)), 0, JSON.stringify(one));
      const [voted, once, chosen, noted] = await sim.messages();
      const press = (one, action, inputs) => sim.event({ kind: 'press', message: one.id, user: 'han.mei', action, inputs });
      const all = (xml, name) => [...xml.matchAll(new RegExp(`<${name}><!\\[CDATA\\[(.*?)\\]\\]></${name}>`, 'g'))].map((one) => one[1]);
      await press(voted, '提交', { slot: ['a', 'c'] });
      assert.deepEqual([all(opened(seen[0]), 'QuestionKey'), all(opened(seen[0]), 'OptionId')], [['slot'], ['a', 'c']]);
      await assert.rejects(press(once, '提交', { slot: ['a', 'c'] }), 'one only');
      await press(once, 'vote:1', { slot: 'b' });
      assert.deepEqual(all(opened(seen[1]), 'OptionId'), ['b']);
      await press(chosen, '提交', { due: 'd5' });
      assert.deepEqual([all(opened(seen[2]), 'QuestionKey'), all(opened(seen[2]), 'OptionId'), element(opened(seen[2]), 'EventKey')], [['owner', 'due'], ['l', 'd5'], 'assign:1']);
      await press(noted, '静音');
      assert.deepEqual(['Event', 'EventKey', 'TaskId', 'CardType', 'SelectedItems'].map((name) => element(opened(seen[3]), name)), ['template_card_menu_event', 'mute:1', 'n1', 'text_notice', undefined]);
      assert.ok(element(opened(seen[3]), 'ResponseCode'));

      const client = await sim.socket();
      await sim.event({ kind: 'message', user: 'han.mei', chat: 'bot:han.mei', text: 'x' });
      for (const template_card of [many, menu]) assert.equal(await client.code('aibot_send_msg', { chatid: 'han.mei', chat_type: 1, msgtype: 'template_card', template_card }), 0);
      const [select, note] = await sim.messages('chat=bot:han.mei');
      await press(select, '提交', { owner: 'w' });
      const event = (await client.next(2)).body.event.template_card_event;
      assert.deepEqual(event.selected_items, { selected_item: [{ question_key: 'owner', option_ids: { option_id: ['w'] } }, { question_key: 'due', option_ids: { option_id: ['d3'] } }] });
      await press(note, 'mute:1');
      assert.deepEqual((await client.next(3)).body.event, { eventtype: 'template_card_event', template_card_event: { card_type: 'text_notice', event_key: 'mute:1', task_id: 'n1' } });
      client.destroy();
    },
    () => ({}),
  );
});

test('what nobody has confirmed is switched in the world', async () => {
  await withSim(async (sim) => {
    await sim.limits({ bad_secret_code: 40091, duplicate_check_works: 0, webhook_code: 45033, webhook_per_minute: 1, image_megabytes: 10, unheard_is_fine: 1, stream_frames_count: 0, chat_per_minute: 3, response_url_checks_ip: 1 });
    assert.equal(await code(sim.call(gettoken(corp, 'wrong'))), 40091);
    for (let i = 0; i < 2; ++i) await sim.send('zweimal', { enable_duplicate_check: 1 });
    assert.equal((await sim.messages()).length, 2);
    const robot = () => sim.call('/cgi-bin/webhook/send?key=sim-robot-key', { msgtype: 'text', text: { content: 'x' } }, { token: '' });
    assert.deepEqual([await code(robot()), await code(robot())], [0, 45033]);
    const client = await sim.socket();
    assert.equal(await client.code('aibot_upload_media_init', { type: 'image', filename: 'a.png', total_size: 9 * 1024 * 1024, total_chunks: 20 }), 0);
    assert.equal(await client.code('aibot_send_msg', { chatid: 'LiLei', chat_type: 1, msgtype: 'markdown', markdown: { content: 'x' } }), 0);
    await sim.event({ kind: 'message', user: 'han.mei', chat: 'bot:han.mei', text: 'x' });
    const { headers, body } = await client.next(1);
    for (let i = 0; i < 9; ++i) assert.equal(await client.code('aibot_respond_msg', { msgtype: 'stream', stream: { id: 's', finish: false, content: `${i}` } }, headers.req_id), 0);
    await sim.change('app', { trusted_ips: ['10.0.0.1'] });
    const later = () => fetch(body.response_url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ msgtype: 'markdown', markdown: { content: 'x' } }) }).then((one) => one.json());
    assert.equal((await later()).errcode, 60020);
    await sim.limits({});
    assert.equal((await later()).errcode, 0);

    const { apps } = await sim.control('world');
    const { app: dropped, ...alone } = apps[0];
    assert.ok(dropped.secret);
    await sim.control('world', { apps: [alone] }, 'PUT');
    assert.deepEqual((await sim.event({ kind: 'user_left', user: 'LiLei' })).deliveries, [], 'a smart bot alone is not told');
    assert.equal((await sim.control('world')).people.find((one) => one.id === 'LiLei').active, false);
    await assert.rejects(sim.event({ kind: 'menu', user: 'han.mei', key: 'x' }));
    assert.equal(await code(sim.call(gettoken())), 40001);
    await sim.event({ kind: 'message', user: 'han.mei', text: 'x', content: { msgtype: 'voice', voice: { content: '语音' } } });
    assert.deepEqual((await client.next(2)).body.voice, { content: '语音' });
    client.destroy();
  });
});

test('recall within a day; group chats of the app; the robot of a group', async () => {
  await withSim(async (sim) => {
    const { msgid } = await sim.send('撤回我');
    assert.equal(await code(sim.call('/cgi-bin/message/recall', { msgid: 'nothing' })), 40035);
    assert.equal(await code(sim.call('/cgi-bin/message/recall', { msgid })), 0);
    assert.equal((await sim.last()).dropped, 'recalled');
    const old = (await sim.send('旧')).msgid;
    await sim.later('PT24H1M');
    await sim.login();
    assert.equal(await code(sim.call('/cgi-bin/message/recall', { msgid: old })), 40035);

    const create = (more = {}) => sim.call('/cgi-bin/appchat/create', { name: 'CR-1', owner: 'han.mei', userlist: ['han.mei', 'LiLei'], chatid: 'cr1', ...more });
    assert.deepEqual([(await create()).chatid, await code(create())], ['cr1', 86215]);
    for (const [errcode, more] of [[86001, { chatid: 'cr_1' }], [86001, { chatid: 'x'.repeat(33) }], [86004, { chatid: 'a', name: '字'.repeat(51) }], [86005, { chatid: 'a', owner: 'ghost' }],
      [86006, { chatid: 'a', userlist: ['han.mei'] }], [86007, { chatid: 'a', userlist: ['han.mei', 'ghost'] }]]) assert.equal(await code(create(more)), errcode, JSON.stringify(more));
    const speak = (more) => sim.call('/cgi-bin/appchat/send', { chatid: 'cr1', msgtype: 'text', text: { content: '请看 <@LiLei>', mentioned_list: ['han.mei'] }, safe: 0, ...more });
    assert.equal(await code(speak()), 0);
    const shown = await sim.last();
    assert.deepEqual([shown.chat, shown.mentions], ['cr1', ['han.mei', 'LiLei']]);
    assert.equal(await code(speak({ msgtype: 'template_card', template_card: card('t') })), 40008);
    assert.equal(await code(speak({ chatid: 'CR1' })), 86003);
    assert.equal(await code(sim.call('/cgi-bin/appchat/update', { chatid: 'cr1', del_user_list: ['han.mei'] })), 86005, 'the owner needs a successor');
    assert.equal(await code(sim.call('/cgi-bin/appchat/update', { chatid: 'cr1', name: '新名' })), 0);
    assert.deepEqual((await sim.call('/cgi-bin/appchat/get?chatid=cr1')).chat_info, { chatid: 'cr1', name: '新名', owner: 'han.mei', userlist: ['han.mei', 'LiLei'] });
    await sim.limits({ appchat_people_per_minute: 3 });
    await sim.later('PT2M');
    assert.deepEqual([await code(speak()), await code(speak())], [0, 45009]);
    await sim.limits({ appchat_member_per_minute: 1 });
    await sim.later('PT2M');
    await speak();
    await speak();
    assert.deepEqual((await sim.messages('chat=cr1')).slice(-2).map((one) => one.dropped), [null, 'member_limit']);
    await sim.change('app', { whole_company: false });
    assert.equal(await code(speak()), 60011);

    const robot = (body, key = 'sim-robot-key') => sim.call(`/cgi-bin/webhook/send?key=${key}`, body, { token: '' });
    const text = (content) => ({ msgtype: 'text', text: { content, mentioned_list: ['@all'] } });
    assert.equal(await code(robot(text('大家好'))), 0);
    assert.deepEqual([(await sim.last()).chat, (await sim.last()).mentions], [group, ['@all']]);
    for (const [errcode, body] of [[40058, text('字'.repeat(683))], [44004, text('')], [40058, { msgtype: 'markdown', markdown: { content: 'x'.repeat(4097) } }], [40058, { msgtype: 'template_card', template_card: card('t') }],
      [40058, { msgtype: 'image', image: { base64: '***', md5: 'x'.repeat(32) } }], [40008, { msgtype: 'stream' }], [40058, { msgtype: 'news', news: { articles: [] } }], [40007, { msgtype: 'file', file: { media_id: 'x' } }]])
      assert.equal(await code(robot(body)), errcode, JSON.stringify(body).slice(0, 60));
    assert.equal(await code(robot({ msgtype: 'markdown', markdown: { content: '请看 <@LiLei>' } })), 0);
    assert.deepEqual((await sim.last()).mentions, ['LiLei']);
    assert.equal(await code(robot({ msgtype: 'markdown_v2', markdown_v2: { content: '请看 <@LiLei>' } })), 0);
    assert.deepEqual((await sim.last()).mentions, []);
    assert.equal(await code(robot(text('x'), 'wrong')), 93000);
    const upload = async (name, { key = 'sim-robot-key', type = 'file', content = '部门对接清单' } = {}) => {
      const form = new FormData();
      form.append(name, new Blob([content]), '清单.txt');
      return (await fetch(`${sim.url}/cgi-bin/webhook/upload_media?key=${key}&type=${type}`, { method: 'POST', body: form })).json();
    };
    assert.deepEqual([await code(upload('file')), await code(upload('media', { key: 'no' })), await code(upload('media', { type: 'image' })), await code(upload('media', { content: 'x' }))], [41005, 93000, 40058, 40058]);
    const { media_id } = await upload('media');
    assert.deepEqual([await code(robot({ msgtype: 'voice', voice: { media_id } })), await code(robot({ msgtype: 'file', file: { media_id } }))], [40007, 0]);
    assert.equal((await sim.last()).text, '清单.txt');
    await sim.later('PT2M');
    const codes = [];
    for (let i = 0; i < 21; ++i) codes.push(await code(robot(text(`${i}`))));
    assert.deepEqual(codes, [...Array(20).fill(0), 45009]);
    await sim.event({ kind: 'chat_dissolved', chat: group });
    assert.equal(await code(robot(text('x'))), 93008);
    assert.ok(!(await sim.received('webhook')).some((one) => one.query.includes('sim-robot-key')), 'the key is masked');
  });
});

test('the directory as a new app reads it: no mobile numbers, guesses are punished, encrypted ids are converted', async () => {
  await withSim(async (sim) => {
    const get = (path) => sim.call(`/cgi-bin/${path}`);
    const han = await get('user/get?userid=HAN.mei');
    assert.deepEqual([han.userid, han.name, han.department, han.direct_leader, han.main_department, han.status, han.is_leader_in_dept], ['han.mei', '韩梅梅', [100], ['LiLei'], 100, 1, [0]]);
    for (const hidden of ['mobile', 'email', 'avatar', 'gender']) assert.equal(han[hidden], undefined);
    assert.deepEqual((await get('user/get?userid=LiLei')).is_leader_in_dept, [1]);
    assert.equal(await code(get('user/get?userid=ghost')), 60111);
    await sim.person('LiLei', { visible: false });
    assert.equal(await code(get('user/get?userid=LiLei')), 60011);
    assert.deepEqual((await get('user/get?userid=han.mei')).direct_leader, [], 'whom the app cannot see is missing');
    await sim.person('LiLei', { visible: true });
    assert.deepEqual((await get('user/simplelist?department_id=200')).userlist.map((one) => [one.userid, one.name, one.department]), [['LiLei', '李雷', [200]]]);
    assert.equal((await get('user/list?department_id=200')).userlist[0].main_department, 200);
    assert.equal(await code(get('user/list?department_id=7')), 60003);
    assert.deepEqual((await get('department/simplelist')).department_id.map((one) => [one.id, one.parentid]), [[1, 0], [100, 1], [200, 1]]);
    assert.deepEqual((await get('department/list?id=200')).department.map((one) => [one.name, one.department_leader]), [['技术部', ['LiLei']]]);
    assert.deepEqual((await get('department/get?id=100')).department.name, '市场部');
    assert.equal(await code(sim.call('/cgi-bin/user/list_id', {})), 48002);
    assert.equal((await get(`agent/get?agentid=${agent}`)).name, '协办');
    assert.equal(await code(get('agent/get?agentid=3')), 301002);

    const mobile = (number) => sim.call('/cgi-bin/user/getuserid', { mobile: number });
    assert.equal((await mobile('13800000001')).userid, 'han.mei');
    assert.deepEqual([await code(mobile('13900000000')), await code(mobile('13900000001')), await code(mobile('13800000001'))], [60111, 60111, 45009]);
    await sim.later('PT24H1S');
    await sim.login();
    assert.equal((await mobile('13800000001')).userid, 'han.mei');

    const { open_userid } = (await get('user/simplelist?department_id=100')).userlist[0];
    const convert = (open_userid_list) => sim.call('/cgi-bin/batch/openuserid_to_userid', { open_userid_list });
    const converted = await convert([open_userid, open_userid.toLowerCase(), 'han.mei']);
    assert.deepEqual(converted.userid_list, [{ open_userid, userid: 'han.mei' }]);
    assert.deepEqual(converted.invalid_open_userid_list, [open_userid.toLowerCase(), 'han.mei'], 'case counts; plain ids are invalid');
    assert.equal(await code(convert([])), 40035);
    await sim.limits({ api_per_minute: 1 });
    assert.deepEqual([await code(get('user/get?userid=LiLei')), await code(get('user/get?userid=LiLei'))], [0, 45009]);
    // Not to the second: time passes by itself as well.
    await sim.later('PT50S');
    assert.equal(await code(get('user/get?userid=LiLei')), 45009, 'the penalty is a minute');
    await sim.later('PT2M');
    assert.equal(await code(get('user/get?userid=LiLei')), 0);
  });
});

test('faults of the interfaces', async () => {
  await withSim(async (sim) => {
    const fault = (what) => sim.control('faults', { match: { path: 'message/send' }, ...what });
    await fault({ do: 'status', status: 502 });
    assert.equal((await sim.send('x')).status, 502);
    await fault({ do: 'business', code: -1 });
    const busy = await sim.send('x');
    assert.deepEqual([busy.status, busy.errcode], [200, -1]);
    await fault({ do: 'business', code: 45033 });
    assert.equal(await code(sim.send('x')), 45033);
    await fault({ do: 'status', status: 429, headers: { 'Retry-After': '1' } });
    assert.equal((await sim.send('x')).status, 429);
    for (const kind of ['cut', 'reset', 'garbage']) {
      await fault({ do: kind });
      await assert.rejects(sim.send('x'), kind);
    }
    const shown = (await sim.messages()).length;
    await fault({ do: 'drop_silently' });
    assert.equal(await code(sim.send('verloren')), 0);
    assert.deepEqual((await sim.messages()).slice(shown).map((one) => one.dropped), ['fault']);
    await fault({ do: 'reset_after_accept' });
    await assert.rejects(sim.send('angekommen'));
    assert.equal((await sim.last()).text, 'angekommen');
    await fault({ do: 'delay', ms: 300 });
    const before = performance.now();
    await sim.send('x');
    assert.ok(performance.now() - before > 280);
  });
});

// The official Node SDK as a client of the simulator, and its dispatcher as a receiver of the simulator's events: what the
// simulator says and accepts is what the platform's own library says and accepts.
import test from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import * as lark from '@larksuiteoapi/node-sdk';
import { withSimulator as withAnySimulator } from './simulator.mjs';

const app = { appId: 'cli_a81f3c5d7e9b0246', appSecret: 'sim-app-secret' };

/** `to`: where events go as posts; without it nothing is posted. */
const withSimulator = (body, to) => withAnySimulator('feishu', (url, control) => body(url, to ? over(control, 'webhook') : control), { to });
/** Control, its events going that way. */
const over = (control, via) => (path, content, ...method) => control(path, path === 'events' ? { via, ...content } : content, ...method);
/** The SDK takes the level "fatal" for "not given", so that only a logger of ours keeps it quiet. */
const quiet = { error() {}, warn() {}, info() {}, debug() {}, trace() {} };
/** The SDK keeps the tokens of all clients in one place; each simulator hands out its own. */
function tokensOfOne() {
  const values = new Map();
  const name = (key, options) => `${options?.namespace ?? ''}/${key.toString()}`;
  return {
    async get(key, options) {
      const kept = values.get(name(key, options));
      return kept && (!kept.until || kept.until > Date.now()) ? kept.value : undefined;
    },
    async set(key, value, until, options) {
      values.set(name(key, options), { value, until });
      return true;
    },
  };
}
const client = (domain) => new lark.Client({ ...app, domain, cache: tokensOfOne(), logger: quiet });
const seals = { encryptKey: 'sim-encrypt-key', verificationToken: 'sim-verification-token', logger: quiet };

/** Runs `body` with the address of a server that hands everything to a dispatcher or handler of the SDK. */
async function withReceiver(receiver, body, options = { autoChallenge: true }) {
  const server = http.createServer();
  server.on('request', lark.adaptDefault('/hook/feishu/main', receiver, options));
  // A kept connection is not closed under the simulator's next call.
  server.keepAliveTimeout = 0;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await body(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
const card = (content) =>
  JSON.stringify({ schema: '2.0', config: { update_multi: true }, header: { title: { tag: 'plain_text', content: '标题' }, template: 'blue' }, body: { elements: [{ tag: 'div', text: { tag: 'plain_text', content } }] } });

test('the SDK makes a group once under one key, adds people, writes both kinds of announcement and dissolves it', async () => {
  await withSimulator(async (url, control) => {
    const sdk = client(url);
    const make = () =>
      sdk.im.chat.create({
        params: { user_id_type: 'open_id', set_bot_manager: true, uuid: 'g-1' },
        data: { name: 'XB-2026-0012 接口对接', description: '目标', user_id_list: ['ou_han'], chat_mode: 'group', chat_type: 'private', group_message_type: 'chat', urgent_setting: 'all_members' },
      });
    const made = await make();
    assert.equal(made.code, 0);
    const chat_id = made.data.chat_id;
    assert.equal((await make()).data.chat_id, chat_id);
    const added = await sdk.im.chatMembers.create({ path: { chat_id }, params: { member_id_type: 'open_id', succeed_type: 1 }, data: { id_list: ['ou_li', 'ou_gone'] } });
    assert.deepEqual(added.data.not_existed_id_list, ['ou_gone']);
    const notice = { children: [{ block_type: 2, text: { elements: [{ text_run: { content: '目标：上线' } }] } }], index: 0 };
    const docx = await sdk.docx.chatAnnouncementBlockChildren.create({ path: { chat_id, block_id: chat_id }, params: { revision_id: -1 }, data: notice });
    assert.equal(docx.code, 0);
    const older = { revision: '0', requests: [JSON.stringify({ requestType: 'InsertBlocksRequestType', insertBlocksRequest: { payload: JSON.stringify({ blocks: [] }) } })] };
    await assert.rejects(sdk.im.chatAnnouncement.patch({ path: { chat_id }, data: older }), 'this group has the new format');
    const { chats } = await control('world');
    const group = chats.find((one) => one.id === chat_id);
    assert.deepEqual(group.members, ['ou_han', 'ou_li']);
    assert.deepEqual(group.announcement, ['目标：上线']);
    const gone = await sdk.im.chat.delete({ path: { chat_id } });
    assert.equal(gone.code, 0);
    assert.equal((await control('world')).chats.length, 1);
  });
});

test('the SDK makes a task once under one token, moves, completes and reopens it; the simulator refuses what the platform refuses', async () => {
  await withSimulator(async (url, control) => {
    const sdk = client(url);
    const params = { user_id_type: 'open_id' };
    const task = {
      summary: 'XB-2026-0012.3 联调接口',
      description: '交付标准：通过验收用例',
      due: { timestamp: '1932460200000', is_all_day: false },
      members: [{ id: 'ou_li', type: 'user', role: 'assignee' }, { id: 'ou_han', type: 'user', role: 'follower' }],
      client_token: 'xb-31-1793505600000',
    };
    const made = await sdk.task.v2.task.create({ params, data: task });
    assert.equal(made.code, 0);
    const { guid } = made.data.task;
    assert.equal(made.data.task.status, 'todo');
    assert.equal((await sdk.task.v2.task.create({ params, data: task })).data.task.guid, guid, 'the same token, the same task');

    const patch = (fields) => sdk.task.v2.task.patch({ path: { task_guid: guid }, params, data: { task: fields, update_fields: Object.keys(fields) } });
    const moved = await patch({ due: { timestamp: '1932546600000', is_all_day: false }, description: '改到明天' });
    assert.equal(moved.data.task.due.timestamp, '1932546600000');
    assert.equal((await patch({ completed_at: '1932460200000' })).data.task.status, 'done');
    const codeOf = async (call) => {
      try {
        return (await call()).code;
      } catch (error) {
        return error.response?.data?.code;
      }
    };
    assert.equal(await codeOf(() => patch({ completed_at: '1932460200001' })), 1470400, 'done twice');
    assert.equal((await patch({ completed_at: '0' })).data.task.status, 'todo');
    const read = await sdk.task.v2.task.get({ path: { task_guid: guid }, params });
    assert.equal(read.data.task.description, '改到明天');
    assert.deepEqual(read.data.task.members.map((one) => [one.id, one.role]), [['ou_li', 'assignee'], ['ou_han', 'follower']]);
    const { tasks } = await control('world');
    assert.deepEqual(tasks.map((one) => [one.guid, one.changes]), [[guid, 3]]);

    const refused = (change, token = 'another-token-1') => codeOf(() => sdk.task.v2.task.create({ params, data: { ...task, client_token: token, ...change } }));
    assert.equal(await refused({ summary: '长'.repeat(3001) }), 1470400);
    assert.equal(await refused({ description: 'x'.repeat(3001) }), 1470400);
    assert.equal(await refused({}, 'short'), 1470400);
    assert.equal(await refused({}, 'x'.repeat(101)), 1470400);
    assert.equal(await refused({ due: { timestamp: 1932460200000 } }), 1470400, 'timestamps are strings');
    assert.equal(await refused({ due: undefined, reminders: [{ relative_fire_minute: 30 }] }), 1470400, 'a reminder needs a due time');
    await control('clock', { advance: 'PT2S' });
    assert.equal(await refused({ reminders: [{ relative_fire_minute: 30 }, { relative_fire_minute: 60 }] }), 1470400, 'one at most');
    assert.equal(await refused({ members: Array.from({ length: 51 }, () => task.members[0]) }), 1470400);
    assert.equal(await refused({ members: [{ id: 'ou_gone', type: 'user', role: 'assignee' }] }), 1470400);
    assert.equal(await codeOf(() => sdk.task.v2.task.patch({ path: { task_guid: 'nowhere' }, params, data: { task: { summary: 'x' }, update_fields: ['summary'] } })), 1470404);
    assert.equal((await control('world')).tasks.length, 1);
    // Five minutes after it has succeeded the token is anybody's again.
    await control('clock', { advance: 'PT5M' });
    assert.notEqual((await sdk.task.v2.task.create({ params, data: task })).data.task.guid, guid);
    const { apps } = await control('world');
    await control('world', { apps: [{ ...apps[0], scopes: ['task:task:read'] }] }, 'PUT');
    assert.equal(await refused({}), 99991672);
  });
});

test('the SDK sends, repeats under one key, updates and reads through the simulator', async () => {
  await withSimulator(async (url, control) => {
    const sdk = client(url);
    const send = () =>
      sdk.im.message.create({ params: { receive_id_type: 'chat_id' }, data: { receive_id: 'oc_all', msg_type: 'interactive', content: card('第一版'), uuid: 'k-1' } });
    const first = await send();
    assert.equal(first.code, 0);
    assert.match(first.data.message_id, /^om_/);
    assert.equal((await send()).data.message_id, first.data.message_id);
    const patched = await sdk.im.message.patch({ path: { message_id: first.data.message_id }, data: { content: card('第二版') } });
    assert.equal(patched.code, 0);
    const text = await sdk.im.message.create({ params: { receive_id_type: 'open_id' }, data: { receive_id: 'ou_li', msg_type: 'text', content: JSON.stringify({ text: '<at user_id="ou_li"></at> 你好' }) } });
    assert.equal(text.code, 0);
    const { messages } = await control('messages');
    assert.equal(messages.length, 2);
    assert.equal(messages.find((one) => one.kind === 'card').version, 2);
    assert.match(messages.find((one) => one.kind === 'card').text, /第二版/);
    assert.deepEqual(messages.find((one) => one.kind === 'text').mentions, ['ou_li']);
    const user = await sdk.contact.user.get({ path: { user_id: 'ou_li' }, params: { user_id_type: 'open_id' } });
    assert.equal(user.data.user.name, '李雷');
    const chat = await sdk.im.chat.get({ path: { chat_id: 'oc_all' } });
    assert.equal(chat.data.name, '协作群');
    const granted = await sdk.application.scope.list();
    assert.ok(granted.data.scopes.some((one) => one.scope_name === 'im:message:send_as_bot' && one.grant_status === 1));
    const chats = await sdk.im.chat.list({ params: { page_size: 20 } });
    assert.deepEqual(chats.data.items.map((one) => one.chat_id), ['oc_all']);
    const members = await sdk.im.chatMembers.get({ path: { chat_id: 'oc_all' }, params: { member_id_type: 'open_id' } });
    assert.deepEqual(members.data.items.map((one) => one.member_id), ['ou_han', 'ou_li']);

    const urgent = await sdk.im.message.urgentApp({ path: { message_id: first.data.message_id }, params: { user_id_type: 'open_id' }, data: { user_id_list: ['ou_li', 'ou_gone'] } });
    assert.deepEqual(urgent.data.invalid_user_id_list, ['ou_gone']);
    assert.equal((await control('messages')).messages.find((one) => one.kind === 'card').urgent, true);
  });
});

test('the SDK sees the simulator refuse what the platform refuses', async () => {
  await withSimulator(async (url) => {
    const sdk = client(url);
    const refused = async (data, params = { receive_id_type: 'chat_id' }) => {
      try {
        return (await sdk.im.message.create({ params, data })).code;
      } catch (error) {
        return error.response?.data?.code;
      }
    };
    assert.equal(await refused({ receive_id: 'oc_nowhere', msg_type: 'text', content: '{"text":"x"}' }), 230002);
    assert.equal(await refused({ receive_id: 'oc_all', msg_type: 'interactive', content: '{"elements":[]}' }), 230099);
    assert.equal(await refused({ receive_id: 'oc_all', msg_type: 'text', content: JSON.stringify({ text: 'x'.repeat(160 * 1024) }) }), 230025);
    assert.equal(await refused({ receive_id: 'ou_nobody', msg_type: 'text', content: '{"text":"x"}' }, { receive_id_type: 'open_id' }), 99992351);
  });
});

/** Departments in departments, more people than a page holds, and a leader for each. */
const staffed = {
  departments: [
    { id: 'od-tech', name: '技术部', parent: '0', head: 'ou_1', deputies: ['ou_2'], custom_id: 'TECH' },
    ...['a', 'b', 'c'].map((one) => ({ id: `od-tech-${one}`, name: `技术${one}组`, parent: 'od-tech', head: '' })),
    { id: 'od-tech-a-1', name: '一班', parent: 'od-tech-a', head: '' },
    { id: 'od-market', name: '市场部', parent: '0', head: '' },
  ],
  people: Array.from({ length: 27 }, (_, i) => ({
    id: `ou_${i + 1}`, name: `员工${i + 1}`, mobile: `138001380${String(i).padStart(2, '0')}`, manager: i ? 'ou_1' : '', departments: i < 25 ? ['od-tech', 'od-market'] : ['od-market'], active: i !== 20,
  })),
};
const put = (control, world) => control('world', world, 'PUT');
/** The code that a call is refused with; the answer of one that is not. */
const codeOf = async (call) => {
  try {
    return await call;
  } catch (error) {
    return error.response?.data?.code ?? error;
  }
};

test('the SDK reads people, leaders, departments and their pages, and finds people by their numbers', async () => {
  await withSimulator(async (url, control) => {
    await put(control, staffed);
    const { contact } = client(url);
    const { data } = await contact.user.get({ path: { user_id: 'ou_5' }, params: { user_id_type: 'open_id', department_id_type: 'open_department_id' } });
    assert.equal(data.user.leader_user_id, 'ou_1');
    assert.deepEqual(data.user.department_ids, ['od-tech', 'od-market']);
    assert.deepEqual(data.user.orders.map((one) => [one.department_id, one.is_primary_dept]), [['od-tech', true], ['od-market', false]]);
    assert.equal((await contact.user.get({ path: { user_id: 'ou_21' } })).data.user.status.is_resigned, true);
    const byUnion = await contact.user.get({ path: { user_id: 'on_ou_5' }, params: { user_id_type: 'union_id' } });
    assert.equal(byUnion.data.user.leader_user_id, 'on_ou_1');

    const unit = await contact.department.get({ path: { department_id: 'TECH' }, params: { department_id_type: 'department_id' } });
    assert.equal(unit.data.department.open_department_id, 'od-tech');
    assert.deepEqual(unit.data.department.leaders, [{ leaderType: 1, leaderID: 'ou_1' }, { leaderType: 2, leaderID: 'ou_2' }]);
    const names = async (params) => (await contact.department.children({ path: { department_id: 'od-tech' }, params })).data.items.map((one) => one.name);
    assert.deepEqual(await names({}), ['技术a组', '技术b组', '技术c组']);
    assert.deepEqual(await names({ fetch_child: true }), ['技术a组', '一班', '技术b组', '技术c组']);
    const chain = await contact.department.parent({ params: { department_id: 'od-tech-a-1' } });
    assert.deepEqual(chain.data.items.map((one) => one.open_department_id), ['od-tech-a', 'od-tech']);

    const pages = [];
    for await (const page of await contact.user.findByDepartmentWithIterator({ params: { department_id: 'od-tech', page_size: 10 } })) pages.push(page.items.length);
    assert.deepEqual(pages, [10, 10, 4], 'whoever has left is in none');
    assert.equal((await contact.user.findByDepartment({ params: { department_id: 'od-tech' } })).data.items.length, 10, 'ten unless asked for');
    const found = await contact.user.batchGetId({ params: { user_id_type: 'open_id' }, data: { mobiles: ['13800138002', '13900000000', '13800138020'] } });
    assert.deepEqual(found.data.user_list.map((one) => one.user_id), ['ou_3', undefined, undefined]);
    const leavers = await contact.user.batchGetId({ params: { user_id_type: 'open_id' }, data: { mobiles: ['13800138020'], include_resigned: true } });
    assert.equal(leavers.data.user_list[0].user_id, 'ou_21');
  });
});

test('the SDK is refused what scopes, data range and pages refuse', async () => {
  await withSimulator(async (url, control) => {
    await put(control, staffed);
    const { contact } = client(url);
    const user = (id) => codeOf(contact.user.get({ path: { user_id: id } }));
    const unit = (id) => codeOf(contact.department.get({ path: { department_id: id } }));
    assert.equal(await user('ou_nobody'), 41012);
    assert.equal(await unit('od-nowhere'), 40015);
    assert.equal(await codeOf(contact.user.findByDepartment({ params: { department_id: 'od-tech', page_size: 51 } })), 40011);
    assert.equal(await codeOf(contact.department.children({ path: { department_id: '0' }, params: { page_token: 'made-up' } })), 40012);

    const { apps } = await control('world');
    await put(control, { apps: [{ ...apps[0], range: ['od-tech-a', 'ou_26'] }] });
    assert.equal(await user('ou_5'), 41050);
    assert.equal((await user('ou_26')).data.user.name, '员工26');
    assert.equal(await unit('od-tech'), 40004);
    assert.equal(await unit('0'), 40004);
    assert.equal((await unit('od-tech-a-1')).data.department.name, '一班', 'what is below a department in the range is in it');
    const outside = await contact.user.batchGetId({ data: { mobiles: ['13800138002'] } });
    assert.equal(outside.data.user_list[0].user_id, undefined);

    await put(control, { apps: [{ ...apps[0], scopes: ['contact:contact.base:readonly'] }] });
    assert.deepEqual((await user('ou_5')).data.user, { open_id: 'ou_5', union_id: 'on_ou_5' }, 'members without their scope are left out');
    assert.equal((await unit('od-tech')).data.department.name, undefined);
    assert.equal(await codeOf(contact.user.batchGetId({ data: { mobiles: ['13800138002'] } })), 99991672);
    await put(control, { apps: [{ ...apps[0], scopes: [] }] });
    assert.equal(await user('ou_5'), 99991672);
    assert.equal(await unit('od-tech'), 99991672);
  });
});

test('a dispatcher of the SDK hears of changes in the directory, of opened chats and of the menu', async () => {
  const seen = {};
  const types = ['contact.user.created_v3', 'contact.user.updated_v3', 'contact.user.deleted_v3', 'contact.department.updated_v3', 'contact.scope.updated_v3', 'im.chat.member.bot.added_v1', 'im.chat.access_event.bot_p2p_chat_entered_v1', 'application.bot.menu_v6'];
  const handles = Object.fromEntries(types.map((type) => [type, async (data) => void (seen[type] = data)]));
  await withReceiver(new lark.EventDispatcher(seals).register(handles), (to) =>
    withSimulator(async (url, control) => {
      const tell = async (what) => assert.equal((await control('events', what)).deliveries[0].status, 200, what.kind);
      for (const kind of ['user_added', 'user_changed', 'user_left', 'enter']) await tell({ kind, user: 'ou_li' });
      await tell({ kind: 'department_changed', department: 'od-tech' });
      await tell({ kind: 'scope_changed' });
      await tell({ kind: 'bot_added', chat: 'oc_all', user: 'ou_han' });
      await tell({ kind: 'menu', user: 'ou_li', key: 'mine' });
      assert.deepEqual(Object.keys(seen).sort(), [...types].sort());
      for (const type of types.slice(0, 3)) assert.equal(seen[type].object.open_id, 'ou_li', type);
      assert.equal(seen['contact.department.updated_v3'].object.name, '技术部');
      assert.equal(seen['im.chat.member.bot.added_v1'].external, false);
      assert.equal(seen['im.chat.access_event.bot_p2p_chat_entered_v1'].operator_id.open_id, 'ou_li');
      assert.equal(seen['application.bot.menu_v6'].event_key, 'mine');
      assert.equal(seen['application.bot.menu_v6'].operator.operator_id.open_id, 'ou_li');
    }, to),
  );
});

/** A card with a form of one field and a button that sends it. */
const form = JSON.stringify({
  schema: '2.0',
  config: { update_multi: true },
  body: {
    elements: [
      {
        tag: 'form',
        name: 'form',
        elements: [
          { tag: 'input', name: 'title' },
          { tag: 'button', name: 'send', text: { tag: 'plain_text', content: '提交' }, form_action_type: 'submit', behaviors: [{ type: 'callback', value: { k: 'submit' } }] },
        ],
      },
    ],
  },
});
async function sendForm(url) {
  const sent = await client(url).im.message.create({ params: { receive_id_type: 'chat_id' }, data: { receive_id: 'oc_all', msg_type: 'interactive', content: form } });
  return sent.data.message_id;
}

test("a dispatcher of the SDK accepts the simulator's messages, presses and URL check", async () => {
  const seen = { messages: [], presses: [] };
  const dispatcher = new lark.EventDispatcher(seals).register({
    'im.message.receive_v1': async (data) => {
      seen.messages.push(data);
    },
    'card.action.trigger': async (data) => {
      seen.presses.push(data);
      return { toast: { type: 'success', content: '好' } };
    },
  });
  await withReceiver(dispatcher, (to) =>
    withSimulator(async (url, control) => {
      const check = await control('events', { kind: 'url_check', id: 'c-飞书' });
      assert.deepEqual(JSON.parse(check.deliveries[0].body), { challenge: 'c-飞书' });

      const said = await control('events', { kind: 'message', user: 'ou_han', chat: 'oc_all', text: '@协办 /发起 审合同 🙏', mentions: ['bot'] });
      assert.equal(said.deliveries[0].status, 200);
      assert.equal(seen.messages.length, 1);
      assert.equal(seen.messages[0].message.message_id, said.id);
      assert.equal(seen.messages[0].token, seals.verificationToken);
      assert.equal(seen.messages[0].app_id, app.appId);
      assert.equal(seen.messages[0].sender.sender_id.open_id, 'ou_han');
      assert.match(JSON.parse(seen.messages[0].message.content).text, /^@_user_1 \/发起 审合同 🙏$/);

      const message = await sendForm(url);
      const pressed = await control('events', { kind: 'press', user: 'ou_li', message, action: 'submit', inputs: { title: '季度报表' } });
      assert.deepEqual(JSON.parse(pressed.deliveries[0].body), { toast: { type: 'success', content: '好' } });
      assert.equal(seen.presses[0].operator.open_id, 'ou_li');
      assert.deepEqual(seen.presses[0].action.form_value, { title: '季度报表' });
      assert.deepEqual(seen.presses[0].action.value, { k: 'submit' });
      assert.equal(seen.presses[0].context.open_message_id, message);
    }, to),
  );
});

test("the SDK's card handler accepts the press too, and its answer comes back", async () => {
  const seen = [];
  const handler = new lark.CardActionHandler(seals, async (data) => {
    seen.push(data);
    return { toast: { type: 'info', content: '收到' } };
  });
  await withReceiver(handler, (to) =>
    withSimulator(async (url, control) => {
      const message = await sendForm(url);
      const pressed = await control('events', { kind: 'press', user: 'ou_li', message, action: 'submit', inputs: { title: '季度报表' } });
      assert.deepEqual(JSON.parse(pressed.deliveries[0].body), { toast: { type: 'info', content: '收到' } });
      assert.deepEqual(seen[0].action.form_value, { title: '季度报表' });
    }, to),
  );
});

test('a dispatcher with another key hears nothing: the simulator signs with the key of its app', async () => {
  const seen = [];
  const dispatcher = new lark.EventDispatcher({ ...seals, encryptKey: 'another-key' }).register({
    'im.message.receive_v1': async (data) => {
      seen.push(data);
    },
  });
  await withReceiver(
    dispatcher,
    (to) =>
      withSimulator(async (url, control) => {
        await control('events', { kind: 'message', user: 'ou_han', chat: 'oc_all', text: '@协办 /帮助', mentions: ['bot'] });
        assert.deepEqual(seen, []);
      }, to),
    {},
  );
});

/** Runs `body` with a client of the SDK on its long connection to the simulator; `handles`: what it does with events. */
async function onLongConnection(handles, body) {
  await withSimulator(async (url, control) => {
    const seen = { connected: 0 };
    const client = await new Promise((resolve, reject) => {
      const made = new lark.WSClient({ ...app, domain: url, logger: quiet, onReady: () => resolve(made), onError: reject, onReconnected: () => ++seen.connected });
      made.start({ eventDispatcher: new lark.EventDispatcher({ logger: quiet }).register(handles) });
    });
    try {
      await body(url, over(control, 'stream'), seen, client);
    } finally {
      client.close({ force: true });
    }
  });
}

test("the SDK's own client receives messages and presses over the long connection, and the simulator hears its acknowledgements", async () => {
  const seen = { messages: [], presses: [] };
  const handles = {
    'im.message.receive_v1': async (data) => {
      seen.messages.push(data);
    },
    'card.action.trigger': async (data) => {
      seen.presses.push(data);
      return { toast: { type: 'success', content: '好' } };
    },
    'im.chat.member.bot.added_v1': async () => {
      throw new Error('not today');
    },
  };
  await onLongConnection(handles, async (url, control) => {
    const said = await control('events', { kind: 'message', user: 'ou_han', chat: 'oc_all', text: '@协办 /发起 审合同 🙏', mentions: ['bot'] });
    assert.deepEqual(said.deliveries.map((one) => [one.status, one.body, one.acked]), [[200, '', true]]);
    assert.equal(seen.messages[0].message.message_id, said.id);
    assert.equal(seen.messages[0].app_id, app.appId);

    const message = await sendForm(url);
    const pressed = await control('events', { kind: 'press', user: 'ou_li', message, action: 'submit', inputs: { title: '季度报表' } });
    assert.equal(pressed.deliveries[0].status, 200);
    assert.deepEqual(JSON.parse(pressed.deliveries[0].body), { toast: { type: 'success', content: '好' } });
    assert.deepEqual(seen.presses[0].action.form_value, { title: '季度报表' });

    const failed = await control('events', { kind: 'bot_added', user: 'ou_han', chat: 'oc_all' });
    assert.deepEqual(failed.deliveries.map((one) => [one.status, one.acked]), [[500, false]]);

    await control('stream', { do: 'fragment' });
    const long = '很长的一句话，分成几段送来。🙏'.repeat(300);
    const parts = await control('events', { kind: 'message', user: 'ou_han', chat: 'oc_all', text: `@协办 ${long}`, mentions: ['bot'] });
    assert.ok(parts.deliveries[0].acked);
    assert.ok(JSON.parse(seen.messages[1].message.content).text.endsWith(long), 'the parts are one message again');
    const { requests } = await control('received?path=/ws/v2');
    assert.ok(requests.some((one) => one.method === 'WS' && JSON.parse(one.body).type === 'ping' && one.accepted), 'its ping is understood');
    assert.deepEqual(requests.filter((one) => !one.accepted), [], 'and so is everything else');
  });
});

test("the SDK's own client comes back after the gateway has dropped it", async () => {
  const texts = [];
  const handles = {
    'im.message.receive_v1': async (data) => {
      texts.push(JSON.parse(data.message.content).text);
    },
  };
  await onLongConnection(handles, async (url, control, seen) => {
    assert.deepEqual(await control('stream', { do: 'garbage' }), { connections: 1 });
    const said = await control('events', { kind: 'message', user: 'ou_han', text: '还在' });
    assert.ok(said.deliveries[0].acked, 'garbage does not disturb it');
    assert.deepEqual(await control('stream', { do: 'kick' }), { connections: 1 });
    // The first attempt follows within half a minute, the next one two minutes after it.
    const end = performance.now() + 180_000;
    while (seen.connected === 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
    const again = await control('events', { kind: 'message', user: 'ou_han', text: '又来了' });
    assert.ok(again.deliveries[0].acked, 'connected again');
    assert.deepEqual(texts, ['还在', '又来了']);
  });
});

test("the SDK's own client is refused as the platform refuses it", async () => {
  await withSimulator(async (url) => {
    const error = await new Promise((resolve, reject) => {
      const client = new lark.WSClient({ ...app, appSecret: 'another', domain: url, logger: quiet, onReady: () => reject(new Error('connected')), onError: resolve });
      client.start({ eventDispatcher: new lark.EventDispatcher({ logger: quiet }) });
    });
    assert.match(String(error?.message ?? error), /514|auth/);
  });
});

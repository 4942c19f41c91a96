// The DingTalk simulator where the official SDKs do not lead: signatures, repeats, quotas, refusals, and a Stream that fails.
import test from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocketClient } from './websocket_client.mjs';

const simulator = process.env.XIEBAN_SIM ?? 'build/release/xieban-sim';
const app = { id: 'dingsima1b2c3d4e5f6', secret: 'sim-client-secret', eventToken: 'SimToken01', aesKey: 'Zm9yRGVtb09ubHlOb3RBUmVhbEtleTAxMjM0NTY3ODl', cardSecret: 'sim-card-secret' };
const group = 'cidall==';
const template = '1366a1eb-bc54-4859-ac88-517c56a9acb1.schema';
const robotTopic = { type: 'CALLBACK', topic: '/v1.0/im/bot/messages/get' };
const everything = [robotTopic, { type: 'EVENT', topic: '*' }, { type: 'CALLBACK', topic: '/v1.0/card/instances/callback' }];
const said = { kind: 'message', user: 'han', chat: group, text: '@协办 /帮助', mentions: ['bot'] };

class Sim {
  async start(to = '') {
    this.child = spawn(simulator, ['dingtalk', '--listen', '127.0.0.1:0', ...(to ? ['--to', to] : [])]);
    this.url = await new Promise((resolve, reject) => {
      this.child.stdout.on('data', (bytes) => {
        const found = /ready (http:\S+)\//.exec(String(bytes));
        if (found) resolve(found[1]);
      });
      this.child.on('close', (code) => reject(new Error(`the simulator ended with ${code}`)));
    });
  }
  async control(path, body, method = body === undefined ? 'GET' : 'POST') {
    const answer = await fetch(`${this.url}/_sim/${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(answer.ok, `${path} ${JSON.stringify(body)}: ${text}`);
    return JSON.parse(text);
  }
  limits(limits) {
    return this.control('world', { limits }, 'PUT');
  }
  later(advance) {
    return this.control('clock', { advance });
  }
  async change(change) {
    const { apps } = await this.control('world');
    await this.control('world', { apps: [{ ...apps[0], ...change }] }, 'PUT');
  }
  async messages() {
    return (await this.control('messages')).messages;
  }
  async call(path, body, { method = 'POST', token, headers = {} } = {}) {
    const answer = await fetch(this.url + path, {
      method,
      headers: { 'content-type': 'application/json', accept: 'application/json', ...(token && { 'x-acs-dingtalk-access-token': token }), ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, ...(text.startsWith('{') ? JSON.parse(text) : { text }) };
  }
  async token() {
    return (await this.call('/v1.0/oauth2/accessToken', { appKey: app.id, appSecret: app.secret })).accessToken;
  }
  send(token, content = 'x') {
    return this.call('/v1.0/robot/groupMessages/send', { robotCode: app.id, openConversationId: group, msgKey: 'sampleText', msgParam: JSON.stringify({ content }) }, { token });
  }
  card(token, outTrackId, more = {}) {
    const button = { text: '接受', id: 'accept:1', request: true };
    return this.call(
      '/v1.0/card/instances/createAndDeliver',
      {
        cardTemplateId: template,
        outTrackId,
        callbackType: 'STREAM',
        cardData: { cardParamMap: { title: '请求', sys_full_json_obj: JSON.stringify({ msgButtons: [button] }) } },
        openSpaceId: `dtv1.card//IM_GROUP.${group}`,
        imGroupOpenDeliverModel: { robotCode: app.id },
        ...more,
      },
      { token },
    );
  }
  open(body = {}, headers = {}) {
    return this.call('/v1.0/gateway/connections/open', { clientId: app.id, clientSecret: app.secret, subscriptions: everything, ...body }, { headers });
  }
  async stream({ subscriptions = everything, answer } = {}) {
    const { endpoint, ticket } = await this.open({ subscriptions });
    const client = await WebSocketClient.open(`${endpoint}?ticket=${encodeURIComponent(ticket)}`);
    client.pushes = [];
    client.onMessage = (text) => {
      const frame = JSON.parse(text);
      client.pushes.push(frame);
      const ack = answer?.(frame);
      if (ack) client.send(JSON.stringify({ code: 200, headers: { messageId: frame.headers.messageId, contentType: 'application/json' }, message: 'OK', data: JSON.stringify(ack), ...ack.envelope }));
    };
    return client;
  }
}
const acks = { answer: (frame) => (frame.type === 'EVENT' ? { status: 'SUCCESS' } : { response: null }) };

/** A bot that answers its webhooks with what `answers` says. */
async function withSim(body, answers) {
  const sim = new Sim();
  const seen = [];
  const server = answers && http.createServer((request, response) => {
    let text = '';
    request.on('data', (bytes) => (text += bytes));
    request.on('end', () => {
      seen.push({ url: request.url, headers: request.headers, body: text });
      const { status = 200, body: reply = '' } = answers(seen.at(-1)) ?? {};
      response.writeHead(status, { 'content-type': 'application/json' }).end(reply);
    });
  });
  if (server) await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A kept connection is not closed under the simulator's next call.
  if (server) server.keepAliveTimeout = 0;
  await sim.start(server ? `http://127.0.0.1:${server.address().port}` : '');
  try {
    await body(sim, seen);
  } finally {
    sim.child.kill();
    server?.close();
    server?.closeAllConnections();
  }
}
async function until(holds, what, within = 30_000) {
  const end = performance.now() + within;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `never: ${what}`);
    await pause(10);
  }
}

// ---- the platform's own cryptography, written once more --------------------------------------------------

const key = Buffer.from(`${app.aesKey}=`, 'base64');
const hmac = (secret, text) => createHmac('sha256', secret).update(text).digest('base64');
const eventSignature = (timestamp, nonce, encrypt) => createHash('sha1').update([app.eventToken, timestamp, nonce, encrypt].sort().join('')).digest('hex');
function open(encrypt) {
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(encrypt, 'base64'), decipher.final()]);
  const padding = plain.at(-1);
  assert.ok(padding >= 1 && padding <= 32, 'padded to 32');
  const length = plain.readUInt32BE(16);
  assert.equal(plain.subarray(20 + length, plain.length - padding).toString(), app.id, 'the owner at the end');
  return JSON.parse(plain.subarray(20, 20 + length).toString());
}
function sealedAnswer(word, signed = true) {
  const plain = Buffer.concat([Buffer.from('abcdefghijklmnop'), Buffer.from([0, 0, 0, word.length]), Buffer.from(word + app.id)]);
  const padding = 32 - (plain.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const encrypt = Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(padding, padding)])), cipher.final()]).toString('base64');
  return JSON.stringify({ msg_signature: signed ? eventSignature('17', 'nonce123', encrypt) : 'wrong', timeStamp: '17', nonce: 'nonce123', encrypt });
}

test('robot messages by HTTP: signed, the answer is shown, a failed one is not repeated', async () => {
  let status = 200;
  await withSim(
    async (sim, seen) => {
      const ok = await sim.control('events', { ...said, via: 'webhook' });
      assert.equal(ok.deliveries[0].acked, true);
      const [{ url, headers, body }] = seen;
      assert.equal(url, '/hook/dingtalk/main/robot');
      assert.equal(headers.sign, hmac(app.secret, `${headers.timestamp}\n${app.secret}`));
      assert.equal(JSON.parse(body).text.content, ' /帮助');
      const [shown] = await sim.messages();
      assert.deepEqual([shown.chat, shown.text, shown.mentions], [group, '好的 @han', ['han']]);
      status = 500;
      const failed = await sim.control('events', { ...said, via: 'webhook' });
      assert.equal(failed.deliveries[0].acked, false);
      await sim.later('PT10M');
      await pause(200);
      assert.equal(seen.length, 2, 'no repeat is documented');
      assert.deepEqual((await sim.control('events', { ...said, mentions: [], via: 'webhook' })).deliveries, [], 'not addressed, not pushed');
    },
    () => ({ status, body: JSON.stringify({ msgtype: 'text', text: { content: '好的 @han' }, at: { atUserIds: ['han', '0123456789'] } }) }),
  );
});

test('events by HTTP: encrypted and signed; repeated after 10 s and 30 s until the encrypted answer fits, then listed', async () => {
  let reply = sealedAnswer('success');
  await withSim(
    async (sim, seen) => {
      const check = await sim.control('events', { kind: 'url_check' });
      assert.equal(check.deliveries[0].acked, true);
      assert.deepEqual(open(JSON.parse(seen[0].body).encrypt), { EventType: 'check_url' });

      const left = await sim.control('events', { kind: 'user_left', user: 'han', via: 'webhook' });
      assert.equal(left.deliveries[0].acked, true);
      const query = new URL(seen[1].url, sim.url).searchParams;
      const { encrypt } = JSON.parse(seen[1].body);
      assert.equal(query.get('msg_signature'), eventSignature(query.get('timestamp'), query.get('nonce'), encrypt));
      const event = open(encrypt);
      assert.deepEqual([event.EventType, event.eventType, event.eventId, event.userId], ['user_leave_org', 'user_leave_org', left.id, ['han']]);

      for (const wrong of [sealedAnswer('success', false), sealedAnswer('failure'), 'success', '{}']) {
        reply = wrong;
        const refused = await sim.control('events', { kind: 'url_check' });
        assert.equal(refused.deliveries[0].acked, false, wrong);
      }
      const before = seen.length;
      const lost = await sim.control('events', { kind: 'chat_dissolved', chat: group, user: '0123456789', via: 'webhook' });
      const since = performance.now();
      assert.equal(lost.deliveries[0].acked, false);
      await sim.later('PT8S');
      await pause(150);
      // Time that passes by itself counts as well: a machine that stalls sees the repeat sooner.
      if (performance.now() - since < 1500) assert.equal(seen.length, before + 1, 'not before 10 s');
      await sim.later('PT3S');
      await until(() => seen.length >= before + 2, 'the first repeat');
      // Half a minute after the simulator has seen that the first one failed, which is later than it was answered.
      await until(async () => {
        await sim.later('PT31S');
        await pause(200);
        return seen.length >= before + 3;
      }, 'the second repeat');
      assert.equal(open(JSON.parse(seen.at(-1).body).encrypt).eventId, lost.id);
      const failed = async () => sim.call(`/call_back/get_call_back_failed_result?access_token=${await sim.token()}`, undefined, { method: 'GET' });
      let list;
      await until(async () => (list = (await failed()).failed_list).length === 1, 'on the list of failed events');
      assert.equal(list[0].chat_disband.openConversationId, group);
      assert.deepEqual((await failed()).failed_list, [], 'returned once');
      assert.equal((await sim.send(await sim.token())).code, 'group.disbanded');
    },
    () => ({ body: reply }),
  );
});

test('card callbacks by HTTP: signed with the registered secret; the answer changes the card', async () => {
  const answer = { cardUpdateOptions: { updateCardDataByKey: true }, cardData: { cardParamMap: { status: 'agree' } }, userPrivateData: { cardParamMap: { canAct: 'false' } } };
  await withSim(
    async (sim, seen) => {
      const token = await sim.token();
      await sim.call('/v1.0/card/callbacks/register', { callbackRouteKey: 'route', callbackUrl: 'https://bot.example/card', apiSecret: '密钥' }, { token });
      await sim.card(token, 't1', { callbackType: 'HTTP', callbackRouteKey: 'route' });
      const pressed = await sim.control('events', { kind: 'press', user: 'han', message: 't1', action: 'accept:1' });
      assert.equal(pressed.deliveries[0].acked, true);
      assert.equal(seen[0].url, '/hook/dingtalk/main/card');
      assert.equal(seen[0].headers['x-ddpaas-signature'], hmac('密钥', seen[0].headers['x-ddpaas-signature-timestamp']));
      assert.deepEqual(JSON.parse(JSON.parse(seen[0].body).content).cardPrivateData.actionIds, ['accept:1']);
      const [shown] = await sim.messages();
      assert.equal(shown.card.cardParamMap.status, 'agree');
      assert.deepEqual(shown.card.privateData, { han: { canAct: 'false' } });

      await sim.card(token, 't2', { callbackType: 'HTTP', callbackRouteKey: 'another' });
      await sim.control('events', { kind: 'press', user: 'han', message: 't2', action: 'accept:1' });
      assert.equal(seen[1].headers['x-ddpaas-signature'], hmac(app.cardSecret, seen[1].headers['x-ddpaas-signature-timestamp']));
      for (const callbackType of ['http', 'stream', undefined]) {
        await sim.card(token, `t-${callbackType}`, { callbackType });
        const nothing = await sim.control('events', { kind: 'press', user: 'han', message: `t-${callbackType}`, action: 'accept:1' });
        assert.deepEqual(nothing.deliveries, [], `${callbackType}: the buttons do nothing`);
      }
    },
    () => ({ body: JSON.stringify(answer) }),
  );
});

test('what createAndDeliver refuses, and what hides inside its 200', async () => {
  await withSim(async (sim) => {
    const token = await sim.token();
    const code = async (more, track = 'x') => (await sim.card(token, track, more)).code;
    assert.equal(await code({ openSpaceId: `IM_GROUP.${group}` }), 'param.openSpaceIdInvalid');
    assert.equal(await code({ imGroupOpenDeliverModel: undefined }), 'param.openDeliverModelEmpty');
    assert.equal(await code({ imGroupOpenDeliverModel: { robotCode: 'another' } }), 'param.openDeliverModelError');
    assert.equal(await code({ imGroupOpenSpaceModel: {} }), 'param.openSpaceModelInvalid');
    assert.equal(await code({ imGroupOpenDeliverModel: { robotCode: app.id, atUserIds: { nobody: 'x' } } }), 'param.userIdNotExist');
    assert.equal(await code({ cardData: { cardParamMap: {} } }), 'param.cardPublicDataEmpty');
    assert.equal(await code({ cardData: { cardParamMap: { count: 3 } } }), 'param.invalid');
    assert.equal(await code({}, 'x'.repeat(101)), 'param.invalid');
    assert.equal(await code({}), undefined);
    assert.equal(await code({}), 'param.cardAlreadyExist');
    await sim.limits({ card_again_is_ignored: 1 });
    assert.equal((await sim.card(token, 'x')).success, true);
    const privately = (id, track) => sim.card(token, track, { openSpaceId: `dtv1.card//IM_ROBOT.${id}`, imRobotOpenDeliverModel: { robotCode: app.id, spaceType: 'IM_ROBOT' } });
    const [illegal] = (await privately('cid_p2p_han', 'y')).result.deliverResults;
    assert.deepEqual([illegal.success, illegal.errorMsg], [false, 'spaceId is illegal']);
    assert.equal((await privately('han', 'z')).result.deliverResults[0].success, true);
    assert.equal((await sim.messages()).at(-1).to, 'han');
    await sim.change({ templates: { [template]: 'draft' } });
    assert.equal(await code({}, 'w'), 'param.templateUnpublished');
  });
});

test('session webhooks: until they expire, and mentions only where the text shows them', async () => {
  await withSim(async (sim) => {
    const client = await sim.stream(acks);
    await sim.control('events', said);
    const message = JSON.parse(client.pushes[0].data);
    assert.equal(message.sessionWebhookExpiredTime - message.createAt, 5_400_000);
    const say = (body) => fetch(message.sessionWebhook, { method: 'POST', body: JSON.stringify(body) }).then((answer) => answer.json());
    assert.equal((await say({ msgtype: 'text', text: { content: '看 @han' }, at: { atUserIds: ['han', '0123456789'] } })).errcode, 0);
    assert.deepEqual((await sim.messages())[0].mentions, ['han']);
    assert.equal((await say({ msgtype: 'interactive' })).errcode, 400105);
    await sim.later('PT91M');
    assert.equal((await say({ msgtype: 'text', text: { content: '晚了' } })).errcode, 300001);
    client.destroy();
  });
});

test('custom robots: signature, keyword, 20 a minute and then ten minutes of silence', async () => {
  await withSim(async (sim) => {
    await sim.change({ robots: [{ key: 'plain', chat: group }, { key: 'signed', chat: group, secret: 'SECx', keywords: ['协作'] }] });
    const say = (query, content = '协作', body = { msgtype: 'text', text: { content } }) => sim.call(`/robot/send?${query}`, body);
    assert.equal((await say('access_token=none')).errcode, 400101);
    const now = Date.now();
    const sign = encodeURIComponent(hmac('SECx', `${now}\nSECx`));
    assert.equal((await say(`access_token=signed&timestamp=${now}&sign=${sign}`)).errcode, 0);
    assert.match((await say(`access_token=signed&timestamp=${now}&sign=${sign}`, '别的')).errmsg, /keywords/);
    assert.match((await say(`access_token=signed&timestamp=${now + 1}&sign=${sign}`)).errmsg, /sign not match/);
    assert.match((await say(`access_token=signed&timestamp=${now - 3_700_000}&sign=${sign}`)).errmsg, /timestamp/);
    for (let i = 0; i < 20; ++i) assert.equal((await say('access_token=plain')).errcode, 0);
    assert.equal((await say('access_token=plain')).errcode, 130101);
    await sim.later('PT9M');
    assert.equal((await say('access_token=plain')).errcode, 130101);
    await sim.later('PT2M');
    const once = { msgtype: 'text', text: { content: '一次' }, msgUuid: 'u-1' };
    assert.equal((await say('access_token=plain', '', once)).errcode, 0);
    assert.equal((await say('access_token=plain', '', once)).errcode, 0);
    assert.equal((await sim.messages()).filter((one) => one.text === '一次').length, 1);
  });
});

test('tokens expire, calls per second and the month have an end, faults are said in the platform\'s words', async () => {
  await withSim(async (sim) => {
    const token = await sim.token();
    assert.equal(await sim.token(), token, 'the same while it lives');
    assert.equal((await sim.call('/v1.0/oauth2/accessToken', { appKey: app.id, appSecret: 'wrong' })).code, 'invalidClientIdOrSecret');
    const unified = (corp) => sim.call(`/v1.0/oauth2/${corp}/token`, { client_id: app.id, client_secret: app.secret, grant_type: 'client_credentials' });
    assert.equal((await unified('dingcorpsim0011223344556677889900')).access_token, token);
    assert.equal((await unified('dinganother')).code, 'invalidClientIdOrSecret');
    assert.equal((await sim.call(`/gettoken?appkey=${app.id}&appsecret=${app.secret}`, undefined, { method: 'GET' })).errcode, 0);
    assert.equal((await sim.call(`/gettoken?appkey=${app.id}&appsecret=wrong`, undefined, { method: 'GET' })).errcode, 40001);
    assert.equal((await sim.send('wrong')).code, 'InvalidAuthentication');
    await sim.control('faults', { match: { path: 'groupMessages' }, do: 'expire_token' });
    assert.equal((await sim.send(token)).code, 'InvalidAuthentication');
    assert.equal((await sim.call(`/topapi/v2/user/get?access_token=${token}`, { userid: 'han' })).errcode, 42001);
    const fresh = await sim.token();
    assert.equal((await sim.call(`/topapi/v2/user/get?access_token=${fresh}`, 'userid=han', { headers: { 'content-type': 'application/x-www-form-urlencoded' } })).result.name, '韩梅梅');

    await sim.limits({ api_per_second: 2, monthly_calls: 3 });
    await sim.later('PT2S');
    // Side by side: one after the other they could take more than that second.
    const quick = (await Promise.all(Array.from({ length: 3 }, () => sim.send(fresh)))).sort((a, b) => a.status - b.status);
    assert.deepEqual(quick.map((one) => [one.status, one.code]), [[200, undefined], [200, undefined], [403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi']]);
    await sim.later('PT2S');
    assert.equal((await sim.send(fresh)).status, 200, 'what the rate refused was not counted');
    assert.equal((await sim.send(fresh)).code, 'Forbidden.AccessDenied.ApiCountLimitForOrg');
    assert.equal((await sim.call(`/topapi/v2/user/get?access_token=${fresh}`, { userid: 'han' })).errcode, 0, 'contacts cost nothing');
    await sim.later('P32D');
    const next = await sim.token();
    assert.equal((await sim.send(next)).status, 200, 'a new month');

    await sim.limits({});
    const seen = (await sim.messages()).length;
    await sim.control('faults', { do: 'drop_silently' });
    assert.match((await sim.send(next)).processQueryKey, /^pqk/);
    assert.equal((await sim.messages())[seen].dropped, 'fault');
    await sim.control('faults', { do: 'business', code: 'send.too.fast' });
    assert.deepEqual(Object.values(await sim.send(next)).slice(0, 2), [400, 'send.too.fast']);
    await sim.control('faults', { do: 'business', code: 'system.busy' });
    assert.equal((await sim.send(next)).status, 500);
    await sim.control('faults', { do: 'business', code: 90018 });
    assert.equal((await sim.call(`/topapi/v2/user/get?access_token=${next}`, { userid: 'han' })).errcode, 90018);
    const { requests } = await sim.control('received');
    assert.ok(!JSON.stringify(requests).includes(next) && !JSON.stringify(requests).includes(app.secret), 'tokens and secrets are masked');
  });
});

test('people and departments; what is missing on the old host is 88 with its sub code', async () => {
  await withSim(async (sim) => {
    const token = await sim.token();
    const ask = (path, body) => sim.call(`/topapi/${path}?access_token=${token}`, body);
    const { result } = await ask('v2/user/get', { userid: '0123456789' });
    assert.deepEqual([result.userid, result.dept_id_list, result.leader_in_dept], ['0123456789', [200], [{ dept_id: 200, leader: true }]]);
    assert.equal((await ask('v2/user/getbymobile', { mobile: '13800000001' })).result.userid, 'han');
    assert.equal((await ask('v2/user/getbymobile', { mobile: 'abc' })).errcode, 40104);
    assert.equal((await ask('v2/user/get', { userid: 'nobody' })).errcode, 60121);
    assert.deepEqual((await ask('v2/department/listsub', { dept_id: 1 })).result.map((one) => one.dept_id), [100, 200]);
    assert.deepEqual((await ask('v2/department/get', { dept_id: 200 })).result.dept_manager_userid_list, ['0123456789']);
    assert.equal((await ask('v2/department/get', { dept_id: 9 })).errcode, 60003);
    assert.deepEqual((await ask('v2/department/listparentbyuser', { userid: 'han' })).result.parent_list, [{ parent_dept_id_list: [100, 1] }]);
    await sim.change({ scopes: ['qyapi_get_member'] });
    const missing = await ask('v2/department/get', { dept_id: 200 });
    assert.deepEqual([missing.errcode, missing.sub_code], [88, '60011']);
    assert.equal((await ask('v2/user/get', { userid: 'han' })).errcode, 0);
  });
});

test('over the month\'s pushes the robot hears only that; flow control and DING refusals', async () => {
  await withSim(async (sim) => {
    await sim.limits({ monthly_pushes: 1, person_per_minute: 1 });
    const client = await sim.stream(acks);
    await sim.control('events', said);
    await sim.control('events', said);
    const bodies = client.pushes.map((frame) => JSON.parse(frame.data));
    assert.equal(bodies[0].text.content, ' /帮助');
    assert.deepEqual([bodies[1].text, bodies[1].errorCode], [undefined, '20001']);
    const token = await sim.token();
    const send = () => sim.call('/v1.0/robot/oToMessages/batchSend', { robotCode: app.id, userIds: ['han'], msgKey: 'sampleText', msgParam: '{"content":"x"}' }, { token });
    assert.deepEqual((await send()).flowControlledStaffIdList, []);
    const held = await send();
    assert.deepEqual([held.status, held.flowControlledStaffIdList], [200, ['han']]);
    assert.equal((await sim.messages()).length, 1);
    const ding = (receiverUserIdList, remindType = 1) => sim.call('/v1.0/robot/ding/send', { robotCode: app.id, remindType, receiverUserIdList, content: '急' }, { token });
    assert.equal((await ding(Array(20).fill('han'), 2)).code, 'ding.receivercount.limit');
    assert.deepEqual((await ding(['han', 'nobody'])).failedList, { 'staffId.notExisted': ['nobody'] });
    await sim.limits({ ding: 0 });
    assert.equal((await ding(['han'])).status, 403);
    client.destroy();
  });
});

test('tickets: one connection each, for 90 seconds; XML without Accept', async () => {
  await withSim(async (sim) => {
    const { endpoint, ticket } = await sim.open();
    const address = `${endpoint}?ticket=${encodeURIComponent(ticket)}`;
    const client = await WebSocketClient.open(address);
    await assert.rejects(WebSocketClient.open(address), { status: 401 });
    const old = await sim.open();
    await sim.later('PT91S');
    await assert.rejects(WebSocketClient.open(`${old.endpoint}?ticket=${encodeURIComponent(old.ticket)}`), { status: 401 });
    assert.equal((await sim.open({ clientSecret: 'wrong' })).status, 400);
    assert.equal((await sim.open({ subscriptions: [] })).status, 400);
    assert.match((await sim.open({}, { accept: '*/*' })).text, /xml/);
    client.destroy();
  });
});

test('each push goes to one connection that subscribed; unheard ones are lost', async () => {
  await withSim(async (sim) => {
    assert.deepEqual((await sim.control('events', said)).deliveries.map((one) => [one.status, one.acked]), [[0, false]]);
    const events = await sim.stream({ ...acks, subscriptions: [{ type: 'EVENT', topic: '*' }] });
    const robots = [await sim.stream(acks), await sim.stream(acks)];
    await sim.later('PT5M');
    for (let i = 0; i < 30; ++i) assert.equal((await sim.control('events', said)).deliveries[0].acked, true);
    const counts = robots.map((one) => one.pushes.filter((frame) => frame.type === 'CALLBACK').length);
    assert.equal(counts[0] + counts[1], 30, 'the lost one never came again');
    assert.ok(counts[0] > 0 && counts[1] > 0, `${counts}`);
    for (const [limits, ids] of [[{}, 3], [{ stream_same_message_id: 1 }, 1]]) {
      await sim.limits(limits);
      const before = robots.map((one) => one.pushes.length);
      const copies = await sim.control('events', { ...said, copies: 3, parallel: true });
      assert.deepEqual(copies.deliveries.map((one) => one.acked), [true, true, true]);
      const frames = robots.flatMap((one, index) => one.pushes.slice(before[index])).filter((frame) => frame.type === 'CALLBACK');
      assert.equal(new Set(frames.map((frame) => JSON.parse(frame.data).msgId)).size, 1);
      assert.equal(new Set(frames.map((frame) => frame.headers.messageId)).size, ids);
    }
    assert.equal(events.pushes.filter((frame) => frame.type === 'CALLBACK').length, 0);
    for (const one of [events, ...robots]) one.destroy();
  });
});

test('what is not acknowledged comes again: robot messages after a minute, events after 10 s; LATER is no acknowledgement', async () => {
  await withSim(async (sim) => {
    let heard = null;
    await sim.limits({ stream_ping_seconds: 0 });
    const client = await sim.stream({ answer: () => heard });
    const first = await sim.control('events', { ...said, id: 'msgSame==' });
    assert.deepEqual([first.deliveries[0].status, first.deliveries[0].acked], [0, false]);
    heard = { status: 'LATER' };
    const later = await sim.control('events', { kind: 'user_left', user: '0123456789' });
    assert.equal(later.deliveries[0].acked, false);
    heard = { status: 'SUCCESS' };
    await sim.later('PT11S');
    await until(() => client.pushes.length === 3, 'the event again');
    assert.equal(client.pushes[2].headers.eventId, later.id);
    assert.notEqual(client.pushes[2].headers.messageId, client.pushes[1].headers.messageId);
    await sim.later('PT50S');
    await until(() => client.pushes.length === 4, 'the message again');
    assert.equal(JSON.parse(client.pushes[3].data).msgId, 'msgSame==');
    await sim.later('PT10M');
    await pause(200);
    assert.equal(client.pushes.length, 4, 'acknowledged, not again');
    client.destroy();
  });
});

test('a Stream that fails: disconnect, close, kick, zombie, garbage, pieces, refusal', async () => {
  await withSim(async (sim) => {
    const disturb = (way, more = {}) => sim.control('stream', { do: way, app: 'main', ...more });
    let client = await sim.stream(acks);
    assert.deepEqual(await disturb('fragment'), { connections: 1 });
    assert.equal((await sim.control('events', said)).deliveries[0].acked, true);
    assert.ok(client.frames.filter((one) => one.kind === 'more').length > 10, 'in pieces');

    await disturb('disconnect');
    await until(() => client.pushes.at(-1).headers.topic === 'disconnect', 'told to go');
    assert.equal((await sim.control('events', said)).deliveries[0].status, 0, 'nothing more on a connection that is leaving');
    assert.equal(await client.ends(100), false);
    await sim.later('PT11S');
    assert.equal(await client.ends(15_000), true, 'closed ten seconds later');
    assert.equal(client.frames.at(-1).kind, 'close');

    client = await sim.stream(acks);
    await disturb('close');
    assert.equal(await client.ends(15_000), true);
    assert.equal(client.frames.at(-1).kind, 'close');

    client = await sim.stream(acks);
    await disturb('kick');
    assert.equal(await client.ends(15_000), true);
    assert.ok(!client.frames.some((one) => one.kind === 'close'), 'without a word');

    client = await sim.stream(acks);
    client.ping();
    await until(() => client.frames.some((one) => one.kind === 'pong'), 'a pong');
    await disturb('zombie');
    const before = client.frames.length;
    client.ping();
    assert.equal((await sim.control('events', said)).deliveries[0].acked, false);
    assert.equal(client.frames.length, before, 'not even a pong');
    assert.equal(await client.ends(50), false, 'and still open');
    client.destroy();
    await until(async () => (await disturb('garbage')).connections === 0, 'the zombie is gone');

    client = await sim.stream(acks);
    let wrong = '';
    client.onMessage = (text) => (wrong = text);
    await disturb('garbage');
    await until(() => wrong !== '', 'garbage');
    assert.throws(() => JSON.parse(wrong));
    client.destroy();

    await disturb('refuse', { ms: 60_000 });
    const { endpoint, ticket } = await sim.open();
    await assert.rejects(WebSocketClient.open(`${endpoint}?ticket=${encodeURIComponent(ticket)}`), { status: 503 });
    await sim.later('PT61S');
    (await WebSocketClient.open(`${endpoint}?ticket=${encodeURIComponent(ticket)}`)).destroy();
    const unknown = await fetch(`${sim.url}/_sim/stream`, { method: 'POST', body: '{"do":"dance"}' });
    assert.equal(unknown.status, 400);
  });
});

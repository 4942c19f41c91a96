// Feishu over webhook, end to end on the simulator: the faults of the platform by their numbers, and what is posted that
// should not be.
import test from 'node:test';
import assert from 'node:assert/strict';
import https from 'node:https';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { drained, eventually } from './dingtalk_support.mjs';
import { platformFaults } from './feishu_faults.mjs';
import { over } from './feishu_over.mjs';
import { Company, group, numberOf, people, saidInPrivate, sealed, secrets, withCompany } from './feishu_support.mjs';
import { folder } from './support.mjs';

const open = (name) => people[name][1];
const toPerson = (name) => (one) => one.to === open(name);

platformFaults((body, options) => over('webhook', body, options));

test('T41: forged requests are refused without an effect', async () => {
  await withCompany(async (company) => {
    const url = new URL('hook/feishu/main', company.bot.url);
    const post = (body, headers = {}) => fetch(url, { method: 'POST', body, headers }).then(async (answer) => [answer.status, await answer.text()]);
    assert.deepEqual(await post('{"encrypt":"AAAA"}', { 'x-lark-signature': '0'.repeat(64) }), [401, '']);
    assert.equal((await post('{"schema":"2.0"}'))[0], 401);
    assert.equal((await post('not json'))[0], 400);
    assert.equal((await post('x'.repeat(2 << 20)))[0], 413);
    // The platform waits no longer than a second: a machine that stalls is asked again.
    const check = await eventually(async () => (await company.control('events', { kind: 'url_check', id: 'challenge-1' })).deliveries.find((one) => one.acked), 'the check is answered');
    assert.deepEqual(JSON.parse(check.body), { challenge: 'challenge-1' });
    assert.equal((await company.messages()).length, 0);
  });
});

test('the simulator counts the calls of each app by itself', async () => {
  const company = new Company();
  try {
    await company.start({ bot: false, limits: { api_per_minute: 1 } });
    const { apps } = await company.control('world');
    await company.control('world', { apps: [...apps, { ...apps[0], id: 'other', app_id: 'cli_other' }] }, 'PUT');
    const post = async (path, body, token) => {
      const answer = await fetch(new URL(`open-apis/${path}`, company.simUrl), { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: JSON.stringify(body) });
      return answer.json();
    };
    const text = { receive_id: group, msg_type: 'text', content: JSON.stringify({ text: '数一数' }) };
    const codes = [];
    for (const app_id of [apps[0].app_id, apps[0].app_id, 'cli_other']) {
      const { tenant_access_token: token } = await post('auth/v3/tenant_access_token/internal', { app_id, app_secret: apps[0].app_secret });
      codes.push((await post('im/v1/messages?receive_id_type=chat_id', text, token)).code);
    }
    assert.deepEqual(codes, [0, 99991400, 0]);
  } finally {
    await company.stop();
  }
});

test('the platform waits a second for the answer to its check of an address, and no longer', async () => {
  await withCompany(async (company) => {
    company.bot.child.kill('SIGSTOP');
    const late = [];
    for (let i = 0; i < 3; ++i) late.push(...(await company.control('events', { kind: 'url_check', id: 'challenge-2' })).deliveries);
    company.bot.child.kill('SIGCONT');
    assert.ok(late.every((one) => !one.acked && one.ms >= 900), JSON.stringify(late));
    assert.ok(late.some((one) => one.ms < 2500), JSON.stringify(late));
    await eventually(async () => (await company.control('events', { kind: 'url_check', id: 'challenge-3' })).deliveries[0].acked, 'it is answered again');
  });
});

test('T41: a signature that is missing, cut, in capitals, with another key or by another app has no effect; a replay no second one', async () => {
  await withCompany(async (company) => {
    const url = new URL('hook/feishu/main', company.bot.url);
    const post = ({ body, headers }) => fetch(url, { method: 'POST', body, headers }).then(async (answer) => [answer.status, await answer.text()]);
    const event = saidInPrivate('韩梅梅', '/帮助', 'om_forged');
    const good = sealed(event);
    const signature = good.headers['x-lark-signature'];
    const { 'x-lark-signature': _, ...unsigned } = good.headers;
    const forgeries = {
      missing: { ...good, headers: unsigned },
      cut: { ...good, headers: { ...good.headers, 'x-lark-signature': signature.slice(0, 40) } },
      capitals: { ...good, headers: { ...good.headers, 'x-lark-signature': signature.toUpperCase() } },
      'another time': { ...good, headers: { ...good.headers, 'x-lark-request-timestamp': String(Number(good.headers['x-lark-request-timestamp']) + 3600) } },
      'another body': { ...good, body: good.body.replace('}', ' }') },
      'another signing key': sealed(event, { signingKey: 'guessed' }),
      'another key': sealed(event, { key: 'guessed' }),
      'another app': sealed(event, { app: 'cli_0123456789abcdef' }),
      'another token': sealed(event, { token: 'guessed' }),
    };
    for (const [name, forged] of Object.entries(forgeries)) assert.deepEqual(await post(forged), [401, ''], name);
    await pause(300);
    assert.deepEqual(await company.messages(), []);
    for (let i = 0; i < 3; ++i) assert.equal((await post(good))[0], 200);
    await company.until(toPerson('韩梅梅'));
    await pause(500);
    assert.equal((await company.messages()).length, 1, 'a replay is the event again, and that has been done');
  });
});

test('T42: however an encrypted event is damaged, the answer is the same', async () => {
  await withCompany(async (company) => {
    const url = new URL('hook/feishu/main', company.bot.url);
    const event = saidInPrivate('韩梅梅', '/帮助', 'om_oracle');
    const flip = (at) => (bytes) => {
      const copy = Buffer.from(bytes);
      copy[at < 0 ? copy.length + at : at] ^= 1;
      return copy;
    };
    const damages = [flip(0), flip(16), flip(-1), flip(-16), flip(-17), (bytes) => bytes.subarray(0, bytes.length - 16), (bytes) => bytes.subarray(0, 16), (bytes) => bytes.subarray(0, bytes.length - 5)];
    const answers = new Set();
    for (const damage of damages) {
      // The padding can only be asked about by somebody whose signature does not fit: that is seen before anything is decrypted.
      const { body, headers } = sealed(event, { damage, signingKey: 'guessed' });
      const answer = await fetch(url, { method: 'POST', body, headers });
      answers.add(JSON.stringify([answer.status, await answer.text()]));
    }
    assert.deepEqual([...answers], [JSON.stringify([401, ''])]);
    // A URL check comes without signature: what cannot be opened there looks alike too.
    const unsigned = new Set();
    for (const damage of damages) {
      const { body } = sealed(event, { damage });
      const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      unsigned.add(JSON.stringify([answer.status, await answer.text()]));
    }
    assert.deepEqual([...unsigned], [JSON.stringify([401, ''])]);
    assert.deepEqual(await company.messages(), []);
  });
});

test('T49: a certificate that nobody vouches for: nothing is sent to that host', async () => {
  const asked = [];
  const where = folder();
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', join(where, 'key.pem'), '-out', join(where, 'cert.pem')], { stdio: 'ignore' });
  const impostor = https.createServer({ key: readFileSync(join(where, 'key.pem')), cert: readFileSync(join(where, 'cert.pem')) }, (request, response) => {
    asked.push(request.url);
    response.end('{"code":0,"tenant_access_token":"t-stolen","expire":7200}');
  });
  await new Promise((resolve) => impostor.listen(0, '127.0.0.1', resolve));
  const company = new Company();
  try {
    await company.start({ bot: false });
    const text = readFileSync(company.configFile, 'utf8');
    writeFileSync(company.configFile, text.replace(/api_base = ".*"/, `api_base = "https://127.0.0.1:${impostor.address().port}"`));
    await company.startBot();
    const said = await company.say('韩梅梅', '/帮助', { chat: 'private' });
    assert.equal(said.deliveries[0].status, 200, 'events are still taken');
    await eventually(() => /certificate/i.test(company.bot.log), () => company.bot.log);
    assert.deepEqual(asked, []);
  } finally {
    await company.stop();
    impostor.close();
    rmSync(where, { recursive: true, force: true });
  }
});

/** An urgent type that reminds by the urgent channel within seconds. */
const hasty = `
[[type]]
id = "urgent"
own_group = false
[[type.clock]]
id = "first_response"
target = "20s"
calendar = "natural"
ladder = [
  { at = "10%", to = ["owner"], by = "urgent" },
  { at = "20%", to = ["head"], by = "urgent" },
]
`;

test('an urgent request that nobody answers: the notice is made urgent on the platform, for its reader', async () => {
  await withCompany(
    async (company) => {
      await company.say('韩梅梅', '/发起 支付中断 给技术部 紧急 影响: 全部订单');
      const notice = await company.until((one) => toPerson('赵技')(one) && one.urgent, { what: 'the urgent notice of the owner' });
      assert.match(notice.text, /支付中断/);
      await company.until((one) => toPerson('王工')(one) && one.urgent, { what: 'the urgent notice of the head' });
      const calls = await company.received('/urgent_app');
      assert.equal(calls.length, 2, `one call for each:\n${JSON.stringify(calls, null, 1)}\n${company.bot.log.slice(-3000)}`);
      const mine = calls.find((one) => one.path.includes(notice.id));
      assert.deepEqual(JSON.parse(mine.body), { user_id_list: [open('赵技')] });
      const live = await company.until((one) => one.chat === group && one.kind === 'card');
      assert.equal(live.urgent, false, 'the group is not roused');
    },
    { toml: hasty },
  );
});

/** A type whose whole line is climbed within seconds; urgent, so that no quiet hours hold it. Rungs that a stalled machine reaches together are said together: eight seconds lie between those that are told apart. */
const steep = `
[[type]]
id = "urgent"
own_group = false
[[type.clock]]
id = "first_response"
target = "15s"
calendar = "natural"
ladder = [
  { at = "20%", to = ["owner"], by = "private" },
  { at = "80%", to = ["owner"], by = "group" },
  { at = "100%", to = ["head"], by = "private" },
  { at = "+8s", to = ["vice_president"], by = "private" },
  { at = "+16s", to = ["leadership_group", "pmo"], by = "private" },
]
`;

test('the whole line: nobody answers, the notices climb from the owner to the leadership group; an answer ends them', async () => {
  await withCompany(
    async (company) => {
      await company.say('韩梅梅', '/发起 无人理会 给技术部 紧急 影响: 全部订单');
      const { short, full } = numberOf((await company.liveCard()).text);
      const order = [];
      for (const name of ['王工', '李副总', '陈总', '周督办']) {
        const notice = await company.until((one) => toPerson(name)(one) && one.text.includes(full), { what: `the notice of ${name}` });
        assert.match(notice.text, /无人理会/);
        // By its first call: a card that is updated later counts as newer.
        order.push((await company.received('receive_id_type=open_id')).find((one) => one.body.includes(open(name)) && one.body.includes(full)).seq);
      }
      assert.ok(order[0] < order[1] && order[1] < order[2], `one after the other: ${order}`);
      const reminded = (await company.messages()).filter((one) => one.text.includes(full) && one.text.includes('等你响应'));
      assert.ok(reminded.some(toPerson('赵技')), 'the owner was reminded in private');
      assert.ok(reminded.some((one) => one.chat === group), 'and in the group');

      await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
      await company.until((one) => one.chat === group && one.kind === 'card' && /执行中/.test(one.text), { what: 'the live card after the answer' });
      await drained(company);
      const after = await company.seq();
      await pause(4000);
      const late = (await company.messages({ after })).filter((one) => ['王工', '李副总', '陈总', '周督办'].some((name) => toPerson(name)(one)));
      assert.deepEqual(late.map((one) => one.text), [], 'nobody above hears more of it');
    },
    { toml: steep },
  );
});

test('without the right to be urgent the notices come all the same, and that is said once', async () => {
  await withCompany(
    async (company) => {
      const { apps } = await company.control('world');
      const scopes = ['im:message:send_as_bot', 'im:message.group_at_msg:readonly', 'im:message.p2p_msg:readonly'];
      await company.control('world', { apps: [{ ...apps[0], scopes }] }, 'PUT');
      await company.say('韩梅梅', '/发起 支付中断 给技术部 紧急 影响: 全部订单');
      await company.until((one) => toPerson('王工')(one) && /支付中断/.test(one.text), { what: 'the notice of the head' });
      await eventually(async () => (await company.received('/urgent_app')).length >= 2, 'both are asked for');
      await drained(company);
      await pause(500);
      assert.equal((await company.received('/urgent_app')).length, 2, 'each is asked for once');
      assert.equal(company.bot.log.match(/urgent\.refused/g)?.length, 1);
      assert.ok((await company.messages()).every((one) => !one.urgent));
      const ready = JSON.parse((await company.bot.get('readyz')).body);
      assert.deepEqual(ready.warnings.filter((one) => /delivered/.test(one)), []);
    },
    { toml: hasty },
  );
});

test('a restart between event and send loses nothing', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { path: '/im/v1/messages' }, times: 1, do: 'delay', ms: 5000 });
    await company.say('韩梅梅', '/发起 发送途中重启 给技术部 截止 后天18点');
    await pause(100);
    await company.bot.kill();
    await company.startBot();
    await company.until((one) => one.chat === group && one.kind === 'card' && one.text.includes('发送途中重启'));
    const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
    assert.equal(cards.length, 1);
    assert.ok(company instanceof Company);
  });
});

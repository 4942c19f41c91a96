// What somebody sends who is not DingTalk, or presses who may not: T41, T42, T43.
import test from 'node:test';
import assert from 'node:assert/strict';
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { account, app, drained, group, over, people, toPerson } from './dingtalk_support.mjs';
import { numberOf } from './feishu_support.mjs';

const hmac = (secret, text) => createHmac('sha256', secret).update(text).digest('base64');
/** {status, body} of a post to one of the three channels. */
async function post(company, channel, { body, headers = {}, query = '' }) {
  const answer = await fetch(new URL(`hook/dingtalk/main/${channel}${query}`, company.bot.url), { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  return [answer.status, await answer.text()];
}
const refused = [401, ''];

// ---- the three proofs ------------------------------------------------------------------------------------

/** A robot message as the platform posts it; `how` names what a forger gets wrong. */
function robotMessage({ secret = app.client_secret, timestamp = String(Date.now()), id = 'msgForged==', corp = app.corp_id, sender = account('韩梅梅') } = {}) {
  const body = { conversationId: `cid_p2p_${sender}`, conversationType: '1', msgId: id, msgtype: 'text', text: { content: '/帮助' }, senderStaffId: sender, senderCorpId: corp, chatbotCorpId: corp, createAt: Date.now() };
  return { body: JSON.stringify(body), headers: { timestamp, sign: hmac(secret, `${timestamp}\n${secret}`) } };
}

/** An event, encrypted and signed. `damage` changes the bytes before they are signed for. */
function event({ key = app.event_aes_key, token = app.event_token, owner = app.client_id, corp = app.corp_id, damage = (bytes) => bytes, id = 'ev-forged' } = {}) {
  const aes = Buffer.from(`${key}=`, 'base64');
  const text = Buffer.from(JSON.stringify({ EventType: 'user_leave_org', eventType: 'user_leave_org', eventId: id, corpId: corp, CorpId: corp, timeStamp: Date.now(), userId: [account('赵技')] }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const plain = Buffer.concat([Buffer.from('abcdefghijklmnop'), length, text, Buffer.from(owner)]);
  const padding = 32 - (plain.length % 32);
  const cipher = createCipheriv('aes-256-cbc', aes, aes.subarray(0, 16)).setAutoPadding(false);
  const sealed = Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(padding, padding)])), cipher.final()]);
  const encrypt = damage(sealed).toString('base64');
  const timestamp = String(Date.now());
  const signature = createHash('sha1').update([token, timestamp, 'nonce', encrypt].sort().join('')).digest('hex');
  return { body: JSON.stringify({ encrypt }), query: `?timestamp=${timestamp}&nonce=nonce&msg_signature=${signature}` };
}

/** A press as the platform posts it. */
function press({ track, action, user, secret = app.card_secret, timestamp = String(Date.now()), corp = app.corp_id, content }) {
  const pressed = content ?? { cardPrivateData: { actionIds: [action], params: { id: action } } };
  return {
    body: JSON.stringify({ type: 'actionCallback', outTrackId: track, corpId: corp, userId: user, content: JSON.stringify(pressed) }),
    headers: { 'x-ddpaas-signature-timestamp': timestamp, 'x-ddpaas-signature': hmac(secret, timestamp) },
  };
}
const later = (ms) => String(Date.now() + ms);
const hours = 3_600_000;

test('T41: a robot message with a signature that is missing, cut, in another case or of another secret, too old or too new has no effect', async () => {
  await over('webhook', async (company) => {
    const good = robotMessage();
    const { sign } = good.headers;
    const forgeries = {
      'no headers': { ...good, headers: {} },
      'no signature': { ...good, headers: { timestamp: good.headers.timestamp } },
      cut: { ...good, headers: { ...good.headers, sign: sign.slice(0, 20) } },
      'another case': { ...good, headers: { ...good.headers, sign: sign.toLowerCase() } },
      'another time': { ...good, headers: { ...good.headers, timestamp: later(1000) } },
      'another secret': robotMessage({ secret: 'guessed' }),
      'another organisation': robotMessage({ corp: 'dinganother' }),
      'more than an hour old': robotMessage({ timestamp: later(-hours - 60_000) }),
      'more than an hour early': robotMessage({ timestamp: later(hours + 60_000) }),
      'no time': robotMessage({ timestamp: 'now' }),
    };
    for (const [name, forged] of Object.entries(forgeries)) assert.deepEqual(await post(company, 'robot', forged), refused, name);
    for (let i = 0; i < 3; ++i) assert.equal((await post(company, 'robot', good))[0], 200);
    await company.until(toPerson('韩梅梅'), { what: 'the genuine one' });
    // Signatures cover no body: the same proof with the same message is that message again.
    assert.equal((await post(company, 'robot', { ...good, headers: robotMessage({ timestamp: later(-hours / 2) }).headers }))[0], 200);
    await drained(company);
    assert.equal((await company.messages()).length, 1, 'a replay is the message again, and that has been done');
  });
});

test('T41: an event and a press without the proof of the platform are answered 401, and have no effect', async () => {
  await over('webhook', async (company) => {
    await company.say('韩梅梅', '/发起 伪造按钮 给技术部 截止 后天18点');
    const live = await company.liveCard();
    await drained(company);
    const before = await company.seq();
    const track = live.card.outTrackId;
    const action = live.card.buttons[0].id;
    const mine = { track, action, user: account('赵技') };
    const goodPress = press(mine);
    const signature = goodPress.headers['x-ddpaas-signature'];
    const pressForgeries = {
      'no headers': { ...goodPress, headers: {} },
      cut: { ...goodPress, headers: { ...goodPress.headers, 'x-ddpaas-signature': signature.slice(0, 20) } },
      'another case': { ...goodPress, headers: { ...goodPress.headers, 'x-ddpaas-signature': signature.toLowerCase() } },
      'another time': { ...goodPress, headers: { ...goodPress.headers, 'x-ddpaas-signature-timestamp': later(1000) } },
      'another secret': press({ ...mine, secret: 'guessed' }),
      'the secret of the robot': press({ ...mine, secret: app.client_secret }),
      'another organisation': press({ ...mine, corp: 'dinganother' }),
      'more than an hour old': press({ ...mine, timestamp: later(-hours - 60_000) }),
      'more than an hour early': press({ ...mine, timestamp: later(hours + 60_000) }),
    };
    for (const [name, forged] of Object.entries(pressForgeries)) assert.deepEqual(await post(company, 'card', forged), refused, `press: ${name}`);
    const goodEvent = event();
    const eventForgeries = {
      'no signature': { ...goodEvent, query: '' },
      cut: { ...goodEvent, query: goodEvent.query.slice(0, -10) },
      'another case': { ...goodEvent, query: goodEvent.query.replace(/[^=]+$/, (one) => one.toUpperCase()) },
      'another time': { ...goodEvent, query: goodEvent.query.replace(/timestamp=\d/, 'timestamp=9') },
      'another body': { ...goodEvent, body: goodEvent.body.replace(/"encrypt":"../, '"encrypt":"AA') },
      'no body': { ...goodEvent, body: '{}' },
      'another token': event({ token: 'guessed' }),
      'another key': event({ key: 'A'.repeat(43) }),
      'another app': event({ owner: 'dinganotherapp' }),
      'another organisation': event({ corp: 'dinganother' }),
    };
    for (const [name, forged] of Object.entries(eventForgeries)) assert.deepEqual(await post(company, 'event', forged), refused, `event: ${name}`);
    await drained(company);
    assert.deepEqual(await company.messages({ after: before }), []);
    // 赵技 has not left, and the card is as it was: what they press themselves counts.
    assert.equal((await post(company, 'card', goodPress))[0], 200);
    await company.until((one) => one.id === live.id && /执行中/.test(one.text), { what: 'the genuine press' });
  });
});

test('what is no JSON is 400, whatever its proof; an address that is none of the three does not exist', async () => {
  await over('webhook', async (company) => {
    const { query } = event();
    for (const body of ['', 'encrypt=x', '<xml></xml>', '{"encrypt":']) {
      assert.deepEqual(await post(company, 'event', { body, query }), [400, ''], body);
      assert.deepEqual(await post(company, 'event', { body }), [400, ''], body);
    }
    assert.deepEqual(await post(company, 'event', { body: '{}', query }), refused);
    for (const path of ['other', 'robot/x', 'Robot', '']) assert.deepEqual(await post(company, path, robotMessage()), [404, ''], path);
    assert.equal((await fetch(new URL('hook/dingtalk/main/robot', company.bot.url))).status, 405);
  });
});

test('T42: however an encrypted event is damaged, the answer is the same, even where the signature fits', async () => {
  await over('webhook', async (company) => {
    const flip = (place) => (bytes) => {
      const copy = Buffer.from(bytes);
      copy[place < 0 ? copy.length + place : place] ^= 1;
      return copy;
    };
    const damages = [flip(0), flip(16), flip(-1), flip(-16), flip(-17), flip(-33), (bytes) => bytes.subarray(0, bytes.length - 16), (bytes) => bytes.subarray(0, 16), (bytes) => bytes.subarray(0, bytes.length - 5), (bytes) => Buffer.concat([bytes, bytes]), () => Buffer.alloc(0)];
    for (const [index, damage] of damages.entries()) {
      assert.deepEqual(await post(company, 'event', event({ damage })), refused, `damage ${index}`);
      assert.deepEqual(await post(company, 'event', event({ damage, token: 'guessed' })), refused, `damage ${index}, unsigned`);
    }
    // What is refused took nobody away: 赵技 still counts, until the genuine event says otherwise.
    await company.say('赵技', '/帮助', { chat: 'private' });
    const after = (await company.until(toPerson('赵技'))).seq;
    // The directory says so too: whoever it still has is known again when they are read.
    const { people: everybody } = await company.control('world');
    await company.control('world', { people: everybody.map((one) => (one.id === account('赵技') ? { ...one, active: false } : one)) }, 'PUT');
    const [status, answer] = await post(company, 'event', event());
    assert.equal(status, 200);
    assert.ok(JSON.parse(answer).encrypt, 'the encrypted success');
    await company.say('韩梅梅', '/发起 交给走了的人 给赵技 截止 后天18点', { chat: 'private' });
    assert.match((await company.until(toPerson('韩梅梅'), { after })).text, /交给哪个部门或谁/, 'there is no such person any more');
  });
});

test('T43: a button of somebody else, and a button that was changed, change nothing; the presser alone is told', async () => {
  await over('webhook', async (company) => {
    const raised = async (title) => {
      const after = await company.seq();
      await company.say('韩梅梅', `/发起 ${title} 给技术部 截止 后天18点`);
      return company.until((one) => one.chat === group && one.kind === 'card' && one.text.includes(title), { after });
    };
    const [mine, other] = [await raised('第一件'), await raised('第二件')];
    await drained(company);
    const accept = (card) => card.card.buttons.find((one) => one.text === '接单').id;
    const [card, version, , digest] = accept(mine).split('.');
    const good = { track: mine.card.outTrackId, action: accept(mine), user: account('赵技') };
    const changed = (from, to) => good.action.replace(from, to);
    const forgeries = {
      // Those who may not: another department, an outsider of the request, nobody of the company, the robot itself.
      'of another department': [{ ...good, user: account('钱市场') }, '钱市场', /赵技/],
      'who watches only': [{ ...good, user: account('周督办') }, '周督办', /赵技/],
      'who raised it': [{ ...good, user: account('韩梅梅') }, '韩梅梅', /赵技/],
      'nobody of the company': [{ ...good, user: 'external99' }, null],
      'the robot': [{ ...good, user: `$:LWCP_v1:$bot_${app.id}` }, null],
      // Values of the one who may, changed on the way.
      'the button of another card': [{ ...good, action: accept(other) }, '赵技', /我的/],
      'another card': [{ ...good, track: other.card.outTrackId }, '赵技', /我的/],
      'another action': [{ ...good, action: changed('.accept.', '.verify.') }, '赵技', /我的/],
      'another version': [{ ...good, action: `${card}.${Number(version) + 1}.accept.${digest}` }, '赵技', /我的/],
      'another digest': [{ ...good, action: `${card}.${version}.accept.${'0'.repeat(digest.length)}` }, '赵技', /我的/],
      'a card that never was': [{ ...good, track: 'xb.999.aaaaaaaa.p.0000000000000000' }, '赵技', /我的/],
      'no action': [{ ...good, content: { cardPrivateData: { actionIds: [], params: {} } } }, '赵技', /我的/],
      'another id in the parameters': [{ ...good, content: { cardPrivateData: { actionIds: [good.action], params: { id: 'verify', request: 2, user: account('王工') } } } }, '赵技', /我的/],
    };
    for (const [name, [made, reader, says]] of Object.entries(forgeries)) {
      const after = await company.seq();
      const [status] = await post(company, 'card', press(made));
      assert.equal(status, 200, name);
      if (reader) assert.match((await company.until(toPerson(reader), { after, what: `${name}: the refusal` })).text, says, name);
      await drained(company);
      const said = (await company.messages({ after })).filter((one) => one.to !== (reader && account(reader)) && one.version === 1);
      assert.deepEqual(said.map((one) => one.text), [], `${name}: nobody else hears of it`);
      for (const one of [mine, other]) assert.match((await company.messages()).find((shown) => shown.id === one.id).text, /待响应/, name);
    }
    // It stands in the history of the request who tried.
    const { short } = numberOf(mine.text);
    let after = await company.seq();
    await company.say('韩梅梅', `/查看 ${short} 2`, { chat: 'private' });
    const history = await company.until(toPerson('韩梅梅'), { after, what: 'the history' });
    assert.match(history.text, /钱市场/);

    // One who has left presses: nobody here any more.
    await company.control('events', { kind: 'user_left', user: account('李雷'), via: 'webhook' });
    await post(company, 'card', press({ ...good, user: account('李雷') }));
    await drained(company);
    assert.match((await company.messages()).find((one) => one.id === mine.id).text, /待响应/);

    after = await company.seq();
    assert.equal((await post(company, 'card', press(good)))[0], 200);
    await company.until((one) => one.id === mine.id && /执行中/.test(one.text), { what: 'the genuine press' });
  });
});

// What somebody sends who is not WeCom, or presses who may not: T37, T41, T42, T43.
import test from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { account, corp_id, drained, group, keyOf, over, self_built, smart_bot, toPerson } from './wecom_support.mjs';
import { numberOf } from './feishu_support.mjs';
import { seal, signature } from './wecom_world.mjs';

const doors = {
  app: { token: self_built.token, aesKey: self_built.aes_key, receiveId: corp_id },
  bot: { token: smart_bot.token, aesKey: smart_bot.aes_key, receiveId: '' },
};
const now = (ms = 0) => String(Math.floor((Date.now() + ms) / 1000));
const hours = 3_600_000;
const refused = [401, ''];

/** {query, body} of a callback as the platform posts it. `damage` changes the bytes before they are signed for. */
function sealed(channel, plain, { token = doors[channel].token, aesKey = doors[channel].aesKey, receiveId = doors[channel].receiveId, timestamp = now(), nonce = 'n0nce', damage = (bytes) => bytes } = {}) {
  const encrypt = damage(Buffer.from(seal({ aesKey, receiveId }, plain), 'base64')).toString('base64');
  const query = `?msg_signature=${signature(token, timestamp, nonce, encrypt)}&timestamp=${timestamp}&nonce=${nonce}`;
  const body = channel === 'bot' ? JSON.stringify({ encrypt }) : `<xml><ToUserName><![CDATA[${corp_id}]]></ToUserName><AgentID><![CDATA[${self_built.agent_id}]]></AgentID><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`;
  return { query, body };
}
async function post(company, channel, { query = '', body }) {
  const answer = await fetch(new URL(`hook/wecom/main/${channel}${query}`, company.bot.url), { method: 'POST', body });
  return [answer.status, await answer.text()];
}
/** The same thing said to the app and to the bot: its answer comes from the app. */
const help = {
  app: (id = '7462019385512048811') => `<xml><ToUserName><![CDATA[${corp_id}]]></ToUserName><FromUserName><![CDATA[${account('韩梅梅')}]]></FromUserName><CreateTime>${now()}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[/帮助]]></Content><MsgId>${id}</MsgId><AgentID>${self_built.agent_id}</AgentID></xml>`,
  bot: (id = 'CAQQ0f3uxQYY') => JSON.stringify({ msgid: id, aibotid: smart_bot.bot_id, chattype: 'single', from: { userid: account('韩梅梅') }, msgtype: 'text', text: { content: '/帮助' } }),
};
const changed = (made, change) => ({ ...made, query: made.query.replace(/msg_signature=([0-9a-f]+)/, (_, sign) => `msg_signature=${change(sign)}`) });
const company = (body) => over({ transport: 'webhook' }, body);
/** Its time in ms; where a machine stalls the next one is quicker, where it is a lot of work none is. */
async function quickest(call) {
  let least = Infinity;
  for (let i = 0; i < 4 && least >= 1000; ++i) {
    const since = performance.now();
    await call();
    least = Math.min(least, performance.now() - since);
  }
  return least;
}

for (const channel of ['app', 'bot']) {
  test(`T41: a callback for the ${channel} with a proof that is missing, cut, in another case or of somebody else has no effect; a replay is the message again`, async () => {
    await company(async (here) => {
      const plain = help[channel]();
      const good = sealed(channel, plain);
      const other = channel === 'app' ? 'bot' : 'app';
      const forgeries = {
        'no proof': { ...good, query: '' },
        'no signature': { ...good, query: good.query.replace(/msg_signature=[^&]*&/, '') },
        'an empty signature': changed(good, () => ''),
        cut: changed(good, (sign) => sign.slice(0, 20)),
        'longer than it is': changed(good, (sign) => sign + sign),
        'another case': changed(good, (sign) => sign.toUpperCase()),
        'another time': { ...good, query: good.query.replace(/timestamp=\d+/, `timestamp=${now(1000)}`) },
        'another nonce': { ...good, query: good.query.replace('nonce=n0nce', 'nonce=other') },
        'another body': { ...good, body: sealed(channel, help[channel]('1')).body },
        'another token': sealed(channel, plain, { token: 'guessed' }),
        'another key': sealed(channel, plain, { aesKey: 'A'.repeat(43) }),
        'the proof of the other door': sealed(channel, plain, doors[other]),
        'another company': sealed(channel, plain, { receiveId: 'wwanother0000000000' }),
        'no time': sealed(channel, plain, { timestamp: 'now' }),
        'a negative time': sealed(channel, plain, { timestamp: '-1' }),
        'days old': sealed(channel, plain, { timestamp: now(-48 * hours) }),
        'days early': sealed(channel, plain, { timestamp: now(48 * hours) }),
      };
      for (const [name, forged] of Object.entries(forgeries)) assert.deepEqual(await post(here, channel, forged), refused, name);
      const elsewhere = await fetch(new URL(`hook/wecom/other/${channel}${good.query}`, here.bot.url), { method: 'POST', body: good.body });
      assert.deepEqual([elsewhere.status, await elsewhere.text()], [404, ''], 'an app that is not configured');
      assert.deepEqual(await here.messages(), []);

      for (let i = 0; i < 3; ++i) assert.deepEqual(await post(here, channel, good), [200, '']);
      await here.until(toPerson('韩梅梅'), { what: 'the genuine one' });
      assert.deepEqual(await post(here, channel, sealed(channel, plain, { timestamp: now(-60_000), nonce: 'again' })), [200, '']);
      await drained(here);
      assert.equal((await here.messages()).length, 1, 'a replay is the message again, and that has been done');
    });
  });

  test(`T41: a callback for the ${channel} that is an hour old or early is refused, whoever sealed it`, async () => {
    await company(async (here) => {
      for (const ms of [-hours, hours]) assert.deepEqual(await post(here, channel, sealed(channel, help[channel](), { timestamp: now(ms) })), refused, `${ms} ms`);
      assert.deepEqual(await here.messages(), []);
    });
  });

  test(`T42: however a callback for the ${channel} is damaged, the answer is the same, even where the signature fits`, async () => {
    await company(async (here) => {
      const flip = (place) => (bytes) => {
        const copy = Buffer.from(bytes);
        copy[place < 0 ? copy.length + place : place] ^= 1;
        return copy;
      };
      const damages = [flip(-1), flip(-2), flip(-16), flip(-17), (bytes) => bytes.subarray(0, bytes.length - 16), (bytes) => bytes.subarray(0, 16), (bytes) => bytes.subarray(0, bytes.length - 5), (bytes) => Buffer.concat([bytes, bytes.subarray(0, 16)]), () => Buffer.alloc(0)];
      for (const [index, damage] of damages.entries()) {
        assert.deepEqual(await post(here, channel, sealed(channel, help[channel](String(index)), { damage })), refused, `damage ${index}`);
        assert.deepEqual(await post(here, channel, sealed(channel, help[channel](String(index)), { damage, token: 'guessed' })), refused, `damage ${index}, unsigned`);
      }
      await drained(here);
      assert.deepEqual(await here.messages(), []);
    });
  });

  test(`a URL check of the ${channel} answers who knows the token, and nobody else`, async () => {
    await company(async (here) => {
      const ask = async (keys, how = {}) => {
        const { query, body } = sealed(channel, '1616140317555161061', { ...keys, ...how });
        const encrypt = channel === 'bot' ? JSON.parse(body).encrypt : /<Encrypt><!\[CDATA\[(.*?)\]/.exec(body)[1];
        const answer = await fetch(new URL(`hook/wecom/main/${channel}${query}&echostr=${encodeURIComponent(encrypt)}`, here.bot.url));
        return [answer.status, await answer.text()];
      };
      assert.deepEqual(await ask(doors[channel]), [200, '1616140317555161061']);
      assert.deepEqual(await ask(doors[channel], { token: 'guessed' }), refused);
      assert.deepEqual(await ask(doors[channel], { receiveId: 'wwanother0000000000' }), refused);
      const probe = await fetch(new URL(`hook/wecom/main/${channel}`, here.bot.url));
      assert.deepEqual([probe.status, await probe.text()], [400, '']);
    });
  });
}

test('what is no JSON is 400 at the bot, whatever its proof; an address that is neither of the two does not exist', async () => {
  await company(async (here) => {
    const good = sealed('bot', help.bot());
    for (const body of ['', 'encrypt=x', '<xml></xml>', '{"encrypt":']) {
      assert.deepEqual(await post(here, 'bot', { body, query: good.query }), [400, ''], body);
      assert.deepEqual(await post(here, 'bot', { body }), [400, ''], body);
    }
    assert.deepEqual(await post(here, 'bot', { body: '{}', query: good.query }), refused);
    for (const path of ['other', 'bot/x', 'Bot', '']) {
      assert.deepEqual(await post(here, path, good), [404, ''], path);
      assert.equal((await fetch(new URL(`hook/wecom/main/${path}${good.query}`, here.bot.url))).status, 404, path);
    }
  });
});

// ---- T37 --------------------------------------------------------------------------------------------------

test('T37: XML with document types, entities, deep nesting or without end is refused at once, touches no file and no host, and nothing of it is said', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'xxe-'));
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'xxe-canary-content');
  let visits = 0;
  const trap = net.createServer((socket) => (++visits, socket.destroy()));
  await new Promise((resolve) => trap.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${trap.address().port}/evil.dtd`;
  try {
    await company(async (here) => {
      const said = (content, before = '') => `${before}<xml><FromUserName>${account('韩梅梅')}</FromUserName><MsgType>text</MsgType><Content>${content}</Content><MsgId>1</MsgId></xml>`;
      const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
      const hostile = {
        'an internal entity': said('&a;', '<!DOCTYPE xml [<!ENTITY a "/帮助">]>'),
        'an external entity': said('/帮助 &a;', `<!DOCTYPE xml [<!ENTITY a SYSTEM "file://${secret}">]>`),
        'an external DTD': said('/帮助', `<!DOCTYPE xml SYSTEM "${url}">`),
        'a parameter entity': said('/帮助', `<!DOCTYPE xml [<!ENTITY % a SYSTEM "${url}">%a;]>`),
        'billion laughs': said('&l9;', `<!DOCTYPE xml [<!ENTITY l0 "lol">${laughs}]>`),
        'quadratic blow-up': said('&a;'.repeat(50_000), `<!DOCTYPE xml [<!ENTITY a "${'a'.repeat(50_000)}">]>`),
        'a document type in lower case behind a declaration': said('/帮助', '<?xml version="1.0"?><!-- x --><!doctype xml>'),
        'deep nesting': `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`,
        'nesting without end': '<a>'.repeat(200_000),
        'many elements': said('<b/>'.repeat(100_000)),
        'no XML': '{"a":1}',
        nothing: '',
        'cut in the middle': said('/帮助').slice(0, 60),
      };
      const answers = async () => (await here.received('/cgi-bin/message/')).length;
      const before = await answers();
      // Neither in the envelope, which anybody can post, nor inside, from somebody who knows the key.
      for (const [name, xml] of Object.entries(hostile)) {
        for (const made of [{ body: xml }, sealed('app', xml)]) {
          const took = await quickest(async () => assert.deepEqual(await post(here, 'app', made), [400, ''], name));
          assert.ok(took < 1000, `${name}: ${took} ms`);
        }
      }
      await drained(here);
      assert.equal(await answers(), before, 'nobody was answered');
      // What is no document type stays what somebody wrote.
      const harmless = { XInclude: `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://${secret}" parse="text"/>`, 'huge attributes': `<b a="${'x'.repeat(500_000)}"/>`, 'an unknown entity': '/查看 &unknown; &#0; &#xD800;' };
      for (const [name, inside] of Object.entries(harmless)) assert.ok([200, 400].includes((await post(here, 'app', sealed('app', said(inside)))) [0]), name);
      await drained(here);
      const everything = JSON.stringify([await here.messages(), await here.received()]) + here.bot.log;
      assert.ok(!everything.includes('xxe-canary-content'), 'no file was read');
      assert.ok(!/lollol/.test(everything), 'no entity was expanded');
      assert.equal(visits, 0, 'no host was asked');
      assert.ok(here.bot.log.length < 100_000, 'the log stays small');
      assert.deepEqual(await post(here, 'app', sealed('app', help.app())), [200, '']);
      await here.until((one) => toPerson('韩梅梅')(one) && /帮助/.test(one.text), { what: 'who comes after it is served' });
    });
    assert.ok(existsSync(secret));
  } finally {
    trap.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('T37: JSON that is deep, doubled, broken or of other types is refused or ignored at once, by callback and over the connection', async () => {
  const usual = JSON.parse(help.bot());
  const deep = (open, close, count) => open.repeat(count) + close.repeat(count);
  const hostile = {
    'deep lists': deep('[', ']', 100_000),
    'deep objects': deep('{"a":', '}', 50_000).replace('}', '1}'),
    'lists without end': '['.repeat(300_000),
    'a deep member': `{"msgid":"d","msgtype":"text","from":{"userid":"${account('韩梅梅')}"},"text":{"content":"/帮助","x":${deep('[', ']', 50_000)}}}`,
    'no object': '"text"',
    'no JSON': '<xml></xml>',
    'a huge number': '{"msgtype":1e999}',
    'bytes that are no text': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]).toString('latin1'),
    'a lone surrogate': '{"msgtype":"\\ud800"',
    'other types': JSON.stringify({ ...usual, msgtype: 7, from: [], text: 3 }),
    'other types inside': JSON.stringify({ ...usual, msgid: 'types', text: { content: { a: 1 } }, from: { userid: ['x'] } }),
    'no sender': JSON.stringify({ ...usual, msgid: 'nobody', from: undefined }),
    'a group without a name': JSON.stringify({ ...usual, msgid: 'nowhere', chattype: 'group' }),
  };
  await company(async (here) => {
    for (const [name, json] of Object.entries(hostile)) {
      for (const made of [{ body: json }, sealed('bot', json)]) {
        const took = await quickest(async () => {
          const [status] = await post(here, 'bot', made);
          assert.ok([200, 400, 401].includes(status), `${name}: ${status}`);
        });
        assert.ok(took < 1000, `${name}: ${took} ms`);
      }
    }
    await drained(here);
    assert.deepEqual(await here.messages(), []);
    assert.ok(here.bot.log.length < 100_000, 'the log stays small');
  });
  await over({}, async (here) => {
    for (const json of [...Object.values(hostile), ...Object.values(hostile).map((one) => `{"cmd":"aibot_msg_callback","headers":{"req_id":"x"},"body":${one}}`)])
      await here.control('events', { kind: 'raw', channel: 'bot', via: 'stream', raw: json });
    await here.say('钱市场', '/帮助', { chat: 'private' });
    await here.until(toPerson('钱市场'), { what: 'who comes after it is served' });
    assert.deepEqual((await here.messages()).filter((one) => !toPerson('钱市场')(one)), []);
    assert.equal((await here.received('/aibot_subscribe')).length, 1, 'over the same connection');
  });
});

// ---- T43 --------------------------------------------------------------------------------------------------

/** A press as the platform posts it, of an app's card. */
const pressOf = (user, key, task, more = '') => sealed('app', `<xml><ToUserName><![CDATA[${corp_id}]]></ToUserName><FromUserName><![CDATA[${user}]]></FromUserName><CreateTime>${now()}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[${key}]]></EventKey><TaskId><![CDATA[${task}]]></TaskId><CardType><![CDATA[button_interaction]]></CardType><AgentID>${self_built.agent_id}</AgentID>${more}</xml>`);

test('T43: a button of somebody else, and a button that was changed, change nothing; the presser alone is told', async () => {
  await company(async (here) => {
    const raised = async (title) => {
      const after = await here.seq();
      await here.say('韩梅梅', `/发起 ${title} 给技术部 截止 后天18点`);
      return here.until((one) => toPerson('赵技')(one) && one.kind === 'card' && one.text.includes(title), { after });
    };
    const [mine, other] = [await raised('第一件'), await raised('第二件')];
    await drained(here);
    const good = keyOf(mine, 'accept');
    const [card, version, , digest] = good.split('.');
    const task = mine.card.task_id;
    const zhao = account('赵技');
    const forgeries = {
      'of another department': [pressOf(account('钱市场'), good, task), '钱市场', /赵技/],
      'who watches only': [pressOf(account('周督办'), good, task), '周督办', /赵技/],
      'who raised it': [pressOf(account('韩梅梅'), good, task), '韩梅梅', /赵技/],
      'nobody of the company': [pressOf('external99', good, task), null],
      'the robot': [pressOf('sys', good, task), null],
      'another action': [pressOf(zhao, good.replace('.accept.', '.verify.'), task), '赵技', /我的/],
      'another card': [pressOf(zhao, `${Number(card) + 1000}.${version}.accept.${digest}`, task), '赵技', /我的/],
      'the card of the other request': [pressOf(zhao, `${keyOf(other, 'accept').split('.')[0]}.${version}.accept.${digest}`, task), '赵技', /我的/],
      'another version': [pressOf(zhao, `${card}.${Number(version) + 1}.accept.${digest}`, task), '赵技', /我的/],
      'another digest': [pressOf(zhao, `${card}.${version}.accept.${'0'.repeat(digest.length)}`, task), '赵技', /我的/],
      'a digest in another case': [pressOf(zhao, `${card}.${version}.accept.${digest.toUpperCase()}x`, task), '赵技', /我的/],
      'no digest': [pressOf(zhao, `${card}.${version}.accept`, task), '赵技', /我的/],
      'a word of its own': [pressOf(zhao, 'accept', task), '赵技', /我的/],
    };
    for (const [name, [made, reader, says]] of Object.entries(forgeries)) {
      const after = await here.seq();
      assert.equal((await post(here, 'app', made))[0], 200, name);
      if (reader) assert.match((await here.until((one) => toPerson(reader)(one) && one.kind === 'text', { after, what: `${name}: the refusal` })).text, says, name);
      await drained(here);
      const heard = (await here.messages({ after })).filter((one) => one.to !== (reader && account(reader)) && one.version === 1);
      assert.deepEqual(heard.map((one) => one.text), [], `${name}: nobody else hears of it`);
      for (const one of [mine, other]) assert.match((await here.messages()).find((shown) => shown.id === one.id).text, /待响应/, name);
    }
    // It stands in the history of the request who tried.
    const { short } = numberOf(mine.text);
    let after = await here.seq();
    await here.say('韩梅梅', `/查看 ${short} 2`, { chat: 'private' });
    assert.match((await here.until(toPerson('韩梅梅'), { after, what: 'the history' })).text, /钱市场/);

    // A task_id that names another card, and inputs that nobody asked for, are no claim that counts.
    const more = '<SelectedItems><SelectedItem><QuestionKey>user</QuestionKey><OptionIds><OptionId>wang-gong</OptionId></OptionIds></SelectedItem></SelectedItems>';
    after = await here.seq();
    assert.equal((await post(here, 'app', pressOf(zhao, good, other.card.task_id, more)))[0], 200);
    await here.until((one) => toPerson('韩梅梅')(one) && /第一件/.test(one.text) && /赵技.*已接单/.test(one.text), { after, what: 'it is their own button' });
    assert.match((await here.messages()).find((shown) => shown.id === other.id).text, /待响应/);
  });
});

test('T43: whoever sees a card in the group can press it, and only who may is heard; one who has left is nobody', async () => {
  await over({}, async (here) => {
    await here.say('韩梅梅', '/发起 群里的卡 给技术部 截止 后天18点');
    const live = await here.liveCard();
    await drained(here);
    const press = (name) => here.control('events', { kind: 'press', user: account(name), message: live.id, action: keyOf(live, 'accept') });
    const state = async () => (await here.messages()).find((one) => one.id === live.id).text;
    for (const name of ['钱市场', '周督办', '韩梅梅']) {
      const after = await here.seq();
      await press(name);
      assert.match((await here.until((one) => toPerson(name)(one), { after, what: `${name} is told` })).text, /赵技/);
      await drained(here);
      assert.deepEqual((await here.messages({ after })).filter((one) => one.to !== account(name) && one.id !== live.id), [], 'nobody else hears of it');
      assert.match(await state(), /待响应/);
    }
    await here.control('world', { ...(await here.control('world')), limits: { contact_events: 1 } }, 'PUT');
    await here.control('events', { kind: 'contact_changed', change: 'delete_user', user: account('李雷') });
    await press('李雷');
    await drained(here);
    assert.match(await state(), /待响应/);
    await press('赵技');
    await here.until((one) => one.id === live.id && /执行中/.test(one.text), { what: 'the genuine press' });
    assert.equal(live.chat, group);
  });
});

test('T43: a press that is refused changes no card of somebody else, nor what it can be updated with', async () => {
  await company(async (here) => {
    await here.say('韩梅梅', '/发起 别人的按钮 给技术部 截止 后天18点');
    const mine = await here.until((one) => toPerson('赵技')(one) && one.kind === 'card');
    await drained(here);
    const code = '<ResponseCode><![CDATA[rc-of-somebody-else]]></ResponseCode>';
    assert.equal((await post(here, 'app', pressOf(account('钱市场'), keyOf(mine, 'accept'), mine.card.task_id, code)))[0], 200);
    await here.until(toPerson('钱市场'), { what: 'the refusal' });
    await drained(here);
    assert.deepEqual((await here.messages()).filter(toPerson('赵技')).map((one) => [one.id, one.version]), [[mine.id, 1]]);
    assert.deepEqual(await here.received('/cgi-bin/message/update_template_card'), []);
  });
});

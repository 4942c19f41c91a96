// Feishu over webhook, end to end on the simulator: the faults of the platform by their numbers.
import test from 'node:test';
import assert from 'node:assert/strict';
import https from 'node:https';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Company, group, numberOf, people, saidInPrivate, sealed, secrets, withCompany } from './feishu_support.mjs';
import { folder } from './support.mjs';

const open = (name) => people[name][1];
const toPerson = (name) => (one) => one.to === open(name);

test('a foreign press, a forged action and a leaver change nothing', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起 权限检查 给技术部 截止 后天18点');
    const live = await company.liveCard();
    const foreign = await company.press('钱市场', live.id, 'accept');
    assert.equal(foreign.status, 200);
    assert.ok(foreign.answer.toast.content.length > 0, 'answered to the presser');
    const again = (await company.messages()).find((one) => one.id === live.id);
    assert.ok(!/负责人.*钱市场/.test(again.text));
  });
});

test('T9: an API that hangs: events are still answered at once, the message arrives later, once', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { path: '/im/v1/messages' }, times: 2, do: 'hang' });
    const times = [];
    for (let i = 0; i < 20; ++i) {
      const said = await company.say('韩梅梅', `/帮助`, { chat: 'private' });
      times.push(said.deliveries[0].ms);
      assert.equal(said.deliveries[0].status, 200);
    }
    times.sort((a, b) => a - b);
    assert.ok(times.at(-1) < 1000, `slowest answer ${times.at(-1)} ms`);
    await company.say('韩梅梅', '/发起 接口挂起 给技术部 截止 后天18点');
    await company.until((one) => one.chat === group && one.kind === 'card', { within: 25_000, what: 'the card after the hang' });
    const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
    assert.equal(cards.length, 1);
  });
});

test('T10: 429 with a reset: no call before it, and the card arrives', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { path: 'receive_id_type=chat_id' }, times: 1, do: 'business', status: 429, code: 99991400, headers: { 'x-ogw-ratelimit-reset': '37' } });
    await company.say('韩梅梅', '/发起 频率限制 给技术部 截止 后天18点');
    await company.until((one) => one.chat === group && one.kind === 'card', { within: 60_000 });
    const calls = (await company.received('receive_id_type=chat_id')).map((one) => Date.parse(one.at));
    assert.ok(calls.length >= 2);
    assert.ok(calls[1] - calls[0] >= 37_000, `${calls[1] - calls[0]} ms`);
  });
});

test('T14: reset after the platform accepted: the same key again, visible once', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { method: 'POST', path: 'receive_id_type=chat_id' }, times: 1, do: 'reset_after_accept' });
    await company.say('韩梅梅', '/发起 应答丢失 给技术部 截止 后天18点');
    await company.liveCard();
    const end = performance.now() + 15_000;
    let calls = [];
    while (performance.now() < end && calls.length < 2) {
      calls = (await company.received('receive_id_type=chat_id')).filter((one) => one.body.includes('interactive'));
      await pause(50);
    }
    assert.ok(calls.length >= 2, 'it was tried again');
    assert.equal(calls[0].body, calls[1].body, 'the same bytes');
    assert.equal((await company.messages()).filter((one) => one.chat === group && one.kind === 'card').length, 1);
  });
});

test('T12: answers that are no answers: cut, garbage, 5xx, 100 MB, wrong business codes: retried, never lost', async () => {
  await withCompany(async (company) => {
    for (const [index, fault] of [
      { do: 'cut' },
      { do: 'garbage' },
      { do: 'status', status: 502 },
      { do: 'status', status: 504 },
      { do: 'big', ms: 100 * 1024 * 1024 },
      { do: 'big', ms: 64 * 1024, headers: { 'content-encoding': 'gzip' } },
      { do: 'business', code: 5000, status: 500 },
      { do: 'reset' },
    ].entries()) {
      const after = await company.seq();
      await company.fault({ match: { path: 'receive_id_type=chat_id' }, times: 1, ...fault });
      await company.say('韩梅梅', `/发起 故障第${index}种 给技术部 截止 后天18点`);
      const card = await company.until((one) => one.chat === group && one.kind === 'card' && one.text.includes(`故障第${index}种`), { after, within: 20_000, what: `the card after ${fault.do}` });
      assert.ok(card);
    }
    const texts = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card').map((one) => one.text);
    assert.equal(new Set(texts.map((text) => /故障第\d种/.exec(text)[0])).size, texts.length, 'each once');
  });
});

test('T18: a card that the platform refuses never vanishes: the text form goes out', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { body_contains: 'interactive' }, times: -1, do: 'business', code: 230099 });
    await company.say('韩梅梅', '/发起 卡片被拒 给技术部 截止 后天18点');
    const text = await company.until((one) => one.chat === group && one.kind === 'text' && one.text.includes('卡片被拒'), { what: 'the text form' });
    assert.match(text.text, /\/接单/, 'with the typed command');
  });
});

test('T15: an expired token in the middle of many sends: one renewal', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/帮助', { chat: 'private' });
    await company.until(toPerson('韩梅梅'));
    const before = (await company.received('tenant_access_token')).length;
    await company.fault({ match: { path: '/im/v1/messages' }, times: 1, do: 'expire_token' });
    await Promise.all(Array.from({ length: 20 }, (_, i) => company.say('韩梅梅', `/发起 令牌${i} 给技术部 截止 后天18点`)));
    await company.until((one) => one.text.includes('令牌19'), { within: 20_000 });
    const renewals = (await company.received('tenant_access_token')).length - before;
    assert.ok(renewals <= 2, `${renewals} renewals`);
  });
});

test('T19: the group is dissolved: the owner is told in private', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起 群解散 给技术部 截止 后天18点');
    const live = await company.liveCard();
    const { short } = numberOf(live.text);
    await company.control('events', { kind: 'chat_dissolved', chat: group, user: open('韩梅梅') });
    const after = await company.seq();
    await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
    await company.until(toPerson('赵技'), { after, what: 'the owner hears in private' });
  });
});

test('T19: the bot is removed from the group, a person is out of reach: the next one up the line is told, what failed is counted', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起 机器人被移出 给技术部 截止 后天18点');
    const live = await company.liveCard();
    const { short } = numberOf(live.text);
    await company.control('events', { kind: 'bot_removed', chat: group, user: open('韩梅梅') });
    await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
    let after = await company.seq();
    await company.say('赵技', `/指派 ${short} @李雷`, { chat: 'private' });
    await company.until(toPerson('李雷'), { after, what: 'the new owner hears in private' });

    const { people: everybody } = await company.control('world');
    await company.control('world', { people: everybody.map((one) => (one.id === open('王工') ? { ...one, active: false } : one)) }, 'PUT');
    after = await company.seq();
    await company.say('李雷', `/指派 ${short} @王工`, { chat: 'private' });
    const end = performance.now() + 10_000;
    let warnings = [];
    while (performance.now() < end && !warnings.some((one) => /could not be delivered/.test(one))) {
      warnings = JSON.parse((await company.bot.get('readyz')).body).warnings;
      await pause(100);
    }
    assert.ok(warnings.some((one) => /could not be delivered/.test(one)), JSON.stringify(warnings));
    // 王工 heads his own department: the next one up the line is the vice president.
    const told = await company.until((one) => toPerson('李副总')(one) && /没能联系到/.test(one.text), { after, what: 'the line above is told' });
    assert.match(told.text, /王工/);
    await company.say('赵技', `/查看 ${short}`, { chat: 'private' });
    await company.until((one) => toPerson('赵技')(one) && /王工/.test(one.text), { after, what: 'the request stands with its new owner' });
  });
});

test('T41: forged requests are refused without an effect', async () => {
  await withCompany(async (company) => {
    const url = new URL('hook/feishu/main', company.bot.url);
    const post = (body, headers = {}) => fetch(url, { method: 'POST', body, headers }).then(async (answer) => [answer.status, await answer.text()]);
    assert.deepEqual(await post('{"encrypt":"AAAA"}', { 'x-lark-signature': '0'.repeat(64) }), [401, '']);
    assert.equal((await post('{"schema":"2.0"}'))[0], 401);
    assert.equal((await post('not json'))[0], 400);
    assert.equal((await post('x'.repeat(2 << 20)))[0], 413);
    const check = await company.control('events', { kind: 'url_check', id: 'challenge-1' });
    assert.deepEqual(JSON.parse(check.deliveries[0].body), { challenge: 'challenge-1' });
    assert.equal((await company.messages()).length, 0);
  });
});

test('T2: one press, many deliveries: one effect, the same answer each time, a later press shows the state', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起 按钮重复 给技术部 截止 后天18点');
    const live = await company.liveCard();
    const copies = await company.control('events', { kind: 'press', user: open('赵技'), message: live.id, action: 'accept', id: 'ev_press', copies: 5, parallel: true });
    assert.deepEqual(copies.deliveries.map((one) => one.status), [200, 200, 200, 200, 200]);
    const toasts = new Set(copies.deliveries.map((one) => JSON.parse(one.body).toast?.content));
    assert.equal(toasts.size, 1, [...toasts].join(' | '));
    const later = await company.control('events', { kind: 'press', user: open('赵技'), message: live.id, action: 'accept', id: 'ev_later' });
    assert.equal(later.deliveries[0].status, 200);
    assert.match(later.deliveries[0].body, /toast/);
    const { short } = numberOf(live.text);
    const after = await company.seq();
    await company.say('韩梅梅', `/查看 ${short} 2`, { chat: 'private' });
    const detail = await company.until(toPerson('韩梅梅'), { after, what: 'the history' });
    assert.ok((detail.text.match(/接单/g) ?? []).length <= 3, detail.text);
  });
});

test('T10: 230020 with Retry-After: no further call to the group before it, the private chats go on, everything arrives', async () => {
  await withCompany(async (company) => {
    const toGroup = async () => (await company.received('receive_id_type=chat_id')).filter((one) => one.body.includes(group));
    await company.fault({ match: { path: 'receive_id_type=chat_id' }, times: 1, do: 'business', status: 400, code: 230020, headers: { 'Retry-After': '5' } });
    await company.say('韩梅梅', '/发起 频率甲 给技术部 截止 后天18点');
    const end = performance.now() + 8000;
    while (performance.now() < end && (await toGroup()).length === 0) await pause(10);
    await pause(300);
    for (const which of ['乙', '丙']) await company.say('韩梅梅', `/发起 频率${which} 给技术部 截止 后天18点`);
    await company.until((one) => toPerson('赵技')(one) && one.text.includes('频率丙'), { within: 4000, what: 'the private card meanwhile' });
    for (const which of ['甲', '乙', '丙']) await company.until((one) => one.chat === group && one.text.includes(`频率${which}`), { within: 20_000 });
    const calls = (await toGroup()).map((one) => Date.parse(one.at));
    assert.ok(calls[1] - calls[0] >= 5000, `${calls[1] - calls[0]} ms`);
  });
});

test('T11: 503 for a while: few calls meanwhile, everything arrives afterwards, once', async () => {
  await withCompany(async (company) => {
    const { id } = await company.fault({ match: { path: '/im/v1/messages' }, times: -1, do: 'status', status: 503 });
    for (let i = 0; i < 10; ++i) await company.say('韩梅梅', `/发起 停机${i}号 给技术部 截止 后天18点`);
    await pause(6000);
    const meanwhile = (await company.received('/im/v1/messages')).length;
    assert.ok(meanwhile < 40, `${meanwhile} calls in six seconds against a platform that is down`);
    await company.control(`faults/${id}`, undefined, 'DELETE');
    for (let i = 0; i < 10; ++i) await company.until((one) => one.chat === group && one.text.includes(`停机${i}号`), { within: 60_000, what: `number ${i}` });
    const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
    assert.equal(cards.length, 10);
  });
});

test('T12: 200 with an empty body, and a refusal in HTTP 200, are failures', async () => {
  await withCompany(async (company) => {
    for (const [index, fault] of [{ do: 'status', status: 200 }, { do: 'business', status: 200, code: 190005 }].entries()) {
      await company.fault({ match: { path: 'receive_id_type=chat_id' }, times: 1, ...fault });
      await company.say('韩梅梅', `/发起 空答${index}号 给技术部 截止 后天18点`);
      await company.until((one) => one.chat === group && one.kind === 'card' && one.text.includes(`空答${index}号`), { within: 20_000 });
    }
    assert.equal((await company.messages()).filter((one) => one.chat === group && one.kind === 'card').length, 2);
    for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
  });
});

test('T13: an answer of one byte a second: the deadline of the whole call holds', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { method: 'POST', path: 'receive_id_type=chat_id' }, times: 1, do: 'trickle', ms: 1000 });
    await company.say('韩梅梅', '/发起 慢答 给技术部 截止 后天18点');
    const end = performance.now() + 25_000;
    let calls = [];
    while (performance.now() < end && calls.length < 2) {
      calls = (await company.received('receive_id_type=chat_id')).filter((one) => one.body.includes('慢答'));
      await pause(100);
    }
    assert.ok(calls.length >= 2, 'it was tried again');
    const waited = Date.parse(calls[1].at) - Date.parse(calls[0].at);
    assert.ok(waited >= 8000 && waited <= 16_000, `${waited} ms`);
    assert.equal(calls[0].body, calls[1].body, 'the same bytes');
    assert.equal((await company.messages()).filter((one) => one.chat === group && one.kind === 'card').length, 1);
  });
});

test('T15: no token is to be had, then tokens that are refused as soon as they are given: no storm, and then it goes on', async () => {
  await withCompany(async (company) => {
    await company.fault({ match: { path: 'tenant_access_token' }, times: 2, do: 'status', status: 500 });
    await company.fault({ match: { path: 'tenant_access_token' }, times: 3, do: 'refuse_token' });
    await company.say('韩梅梅', '/发起 坏令牌 给技术部 截止 后天18点');
    await company.until((one) => one.chat === group && one.text.includes('坏令牌'), { within: 40_000 });
    const renewals = (await company.received('tenant_access_token')).length;
    assert.ok(renewals <= 8, `${renewals} renewals`);
  });
});

test('T15: no token for long: said in /readyz and in the log, and to the administrator when it is over', async () => {
  await withCompany(
    async (company) => {
      const { id } = await company.fault({ match: { path: 'tenant_access_token' }, times: -1, do: 'business', status: 200, code: 10014 });
      await company.say('韩梅梅', '/发起 没有令牌 给技术部 截止 后天18点');
      const end = performance.now() + 40_000;
      let warnings = [];
      while (performance.now() < end && !warnings.some((one) => one.includes('no access token'))) {
        warnings = JSON.parse((await company.bot.get('readyz')).body).warnings;
        await pause(200);
      }
      assert.ok(warnings.some((one) => one.startsWith('feishu:main: no access token since 20')), JSON.stringify(warnings));
      while (performance.now() < end && !company.bot.log.includes('app.locked')) await pause(200);
      assert.match(company.bot.log, /app\.locked/);
      for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
      await company.control(`faults/${id}`, undefined, 'DELETE');
      await company.until((one) => one.chat === group && one.text.includes('没有令牌'), { within: 60_000 });
      await company.until((one) => toPerson('周督办')(one) && one.text.includes('拿不到访问凭证'), { within: 20_000, what: 'the alarm' });
      assert.ok(!JSON.parse((await company.bot.get('readyz')).body).warnings.some((one) => one.includes('no access token')));
    },
    { toml: '[alarm]\npeople = ["zhou"]\n' },
  );
});

test('T16: 500 at once: our own limiter keeps below the limits, nothing is lost, changes of a card are merged', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起 批量备注 给技术部 截止 后天18点');
    const live = await company.liveCard();
    const { short } = numberOf(live.text);
    const before = await company.seq();
    const names = Object.keys(people);
    const texts = Array.from({ length: 500 }, (_, i) => `/备注 ${short} 第${1000 + i}条`);
    for (let i = 0; i < texts.length; i += 20) {
      const answers = await Promise.all(texts.slice(i, i + 20).map((text, at) => company.say(names[at % names.length], text, { chat: 'private' })));
      for (const one of answers) assert.equal(one.deliveries[0].status, 200);
    }
    const end = performance.now() + 90_000;
    let answers = [];
    while (performance.now() < end && answers.length < 500) {
      answers = (await company.messages({ after: before })).filter((one) => one.to && one.text.includes('备注'));
      await pause(250);
    }
    assert.equal(answers.length, 500, 'each is answered');
    const calls = await company.received('/im/v1/messages');
    const refused = calls.filter((one) => [230020, 99991400].includes(one.code));
    // A machine that stalls bunches what left a second apart; more than a few refusals are no accident.
    assert.ok(refused.length <= 4, `${refused.length} refused`);
    const patches = calls.filter((one) => one.method === 'PATCH' && one.path.includes(live.id));
    assert.ok(patches.length < 60, `${patches.length} updates of the live card for 500 changes`);
  });
});

test('T18: a very long text is shortened at a character, with the command for the rest', async () => {
  await withCompany(async (company) => {
    const long = '😀'.repeat(1980);
    await company.say('韩梅梅', `/发起 长文 给技术部 截止 后天18点 背景: ${long} 现状: ${long} 影响: ${long}`);
    const live = await company.liveCard();
    assert.match(live.text, /长文/);
    assert.ok(!live.text.includes('\ufffd'), 'no broken character');
    assert.ok(Buffer.byteLength(JSON.stringify(live.card)) <= 24 * 1024);
    const { short } = numberOf(live.text);
    assert.match(live.text, /未完，发送 \/查看 \d+ 2/);
    const after = await company.seq();
    await company.say('韩梅梅', `/查看 ${short}`, { chat: 'private' });
    const detail = await company.until(toPerson('韩梅梅'), { after, what: 'the details' });
    assert.ok(!detail.text.includes('\ufffd'));
    for (const request of await company.received('/im/v1/messages')) assert.ok(![230025, 230099].includes(request.code), `${request.code}`);
  });
});

test('T18: a card that the platform holds too old to change is sent anew', async () => {
  await withCompany(async (company) => {
    await company.say('韩梅梅', '/发起 旧卡片 给技术部 截止 后天18点');
    const live = await company.liveCard();
    const { short } = numberOf(live.text);
    await company.fault({ match: { method: 'PATCH', path: live.id }, times: -1, do: 'business', status: 400, code: 230031 });
    const after = await company.seq();
    await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
    const anew = await company.until((one) => one.chat === group && one.kind === 'card' && one.id !== live.id, { after, within: 15_000, what: 'a new card' });
    assert.match(anew.text, /赵技/);
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
    const end = performance.now() + 8000;
    while (performance.now() < end && !/certificate/i.test(company.bot.log)) await pause(50);
    assert.match(company.bot.log, /certificate/i);
    assert.deepEqual(asked, []);
  } finally {
    await company.stop();
    impostor.close();
    rmSync(where, { recursive: true, force: true });
  }
});

/** An urgent type that reminds in the group within seconds, and in the one where the request was raised. */
const inGroup = `
[[type]]
id = "urgent"
own_group = false
[[type.clock]]
id = "first_response"
target = "20s"
calendar = "natural"
ladder = [ { at = "20%", to = ["owner"], by = "group" } ]
`;

test('T19: a reminder for a group that is gone reaches its person in private', async () => {
  await withCompany(
    async (company) => {
      await company.say('韩梅梅', '/发起 群没了 给技术部 紧急');
      const live = await company.liveCard();
      await company.until(toPerson('赵技'), { what: 'the card of the first receiver' });
      await company.control('events', { kind: 'chat_dissolved', chat: group, user: open('韩梅梅') });
      const after = await company.seq();
      const told = await company.until((one) => toPerson('赵技')(one) && one.id !== live.id && /等你响应/.test(one.text), { after, within: 20_000, what: 'the reminder in private' });
      assert.match(told.text, /群没了/);
    },
    { toml: inGroup },
  );
});

/** An urgent type that reminds by the urgent channel within seconds. */
const hasty = `
[[type]]
id = "urgent"
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
      const notice = await company.until((one) => toPerson('赵技')(one) && one.urgent, { within: 20_000, what: 'the urgent notice of the owner' });
      assert.match(notice.text, /支付中断/);
      await company.until((one) => toPerson('王工')(one) && one.urgent, { within: 20_000, what: 'the urgent notice of the head' });
      const calls = await company.received('/urgent_app');
      assert.equal(calls.length, 2, 'one call for each');
      assert.ok(calls[0].path.includes(notice.id));
      assert.deepEqual(JSON.parse(calls[0].body), { user_id_list: [open('赵技')] });
      const live = await company.until((one) => one.chat === group && one.kind === 'card');
      assert.equal(live.urgent, false, 'the group is not roused');
    },
    { toml: hasty },
  );
});

/** A type whose whole line is climbed within seconds; urgent, so that no quiet hours hold it. */
const steep = `
[[type]]
id = "urgent"
[[type.clock]]
id = "first_response"
target = "10s"
calendar = "natural"
ladder = [
  { at = "50%", to = ["owner"], by = "private" },
  { at = "80%", to = ["owner"], by = "group" },
  { at = "100%", to = ["head"], by = "private" },
  { at = "+2s", to = ["vice_president"], by = "private" },
  { at = "+4s", to = ["leadership_group", "pmo"], by = "private" },
]
`;

test('the whole line: nobody answers, the notices climb from the owner to the leadership group; an answer ends them', async () => {
  await withCompany(
    async (company) => {
      await company.say('韩梅梅', '/发起 无人理会 给技术部 紧急 影响: 全部订单');
      const { short, full } = numberOf((await company.liveCard()).text);
      const order = [];
      for (const name of ['王工', '李副总', '陈总', '周督办']) {
        const notice = await company.until((one) => toPerson(name)(one) && one.text.includes(full), { within: 30_000, what: `the notice of ${name}` });
        assert.match(notice.text, /无人理会/);
        order.push(notice.seq);
      }
      assert.ok(order[0] < order[1] && order[1] < order[2], `one after the other: ${order}`);
      const reminded = (await company.messages()).filter((one) => one.text.includes(full) && one.text.includes('等你响应'));
      assert.ok(reminded.some(toPerson('赵技')), 'the owner was reminded in private');
      assert.ok(reminded.some((one) => one.chat === group), 'and in the group');

      await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
      await company.until((one) => one.chat === group && one.kind === 'card' && /执行中/.test(one.text), { what: 'the live card after the answer' });
      await pause(1000);
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
      await company.until((one) => toPerson('王工')(one) && /支付中断/.test(one.text), { within: 20_000, what: 'the notice of the head' });
      const end = performance.now() + 8000;
      while (performance.now() < end && (await company.received('/urgent_app')).length < 2) await pause(50);
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
    await company.until((one) => one.chat === group && one.kind === 'card' && one.text.includes('发送途中重启'), { within: 20_000 });
    const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
    assert.equal(cards.length, 1);
    assert.ok(company instanceof Company);
  });
});

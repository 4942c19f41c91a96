// Feishu's faults by their numbers, end to end on the simulator: the same over each way in.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { connected, drained, eventually, ready } from './dingtalk_support.mjs';
import { group, inject, numberOf, people, readAll, secrets } from './feishu_support.mjs';

const open = (name) => people[name][1];
const toPerson = (name) => (one) => one.to === open(name);

/** An urgent type that reminds in the group within seconds. */
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

/** Leaves half a minute for what has to be done before the reminder. */
const laterInGroup = inGroup.replace('"20s"', '"40s"').replace('"20%"', '"75%"');

/** The directory was read at the start, and its token would last: this one has none. */
async function restarted(company) {
  await company.bot.kill('SIGTERM');
  await company.startBot();
  const standing = async () => JSON.parse((await company.bot.get('readyz')).body).streams.every((one) => one.state === 'up');
  await eventually(standing, 'ready for events');
}

/** Defines the tests. `withCompany(body, options)`: a company over the way in that is meant, ready for events. */
export function platformFaults(withCompany) {
  // They wait more than they work.
  describe('faults of the platform', { concurrency: 8 }, () => {
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
        assert.ok(times.at(-1) < 2900, `slowest answer ${times.at(-1)} ms`);
        await company.say('韩梅梅', '/发起 接口挂起 给技术部 截止 后天18点');
        await company.until((one) => one.chat === group && one.kind === 'card', { what: 'the card after the hang' });
        const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
        assert.equal(cards.length, 1);
        // Not what she is told of her request: of a deadline on a day off, for one.
        const answers = async () => (await company.messages()).filter((one) => toPerson('韩梅梅')(one) && one.text.includes('协办 · 帮助')).length;
        await eventually(async () => (await answers()) >= 20, 'what hung arrives too', 60_000);
        assert.equal(await answers(), 20, 'once');
      });
    });

    test('T10: 429 with a reset: no call before it, and the card arrives', async () => {
      await withCompany(async (company) => {
        await company.fault({ match: { path: 'receive_id_type=chat_id' }, times: 1, do: 'business', status: 429, code: 99991400, headers: { 'x-ogw-ratelimit-reset': '37' } });
        await company.say('韩梅梅', '/发起 频率限制 给技术部 截止 后天18点');
        await company.until((one) => one.chat === group && one.kind === 'card');
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
        const end = performance.now() + 45_000;
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
          const card = await company.until((one) => one.chat === group && one.kind === 'card' && one.text.includes(`故障第${index}种`), { after, what: `the card after ${fault.do}` });
          assert.ok(card);
        }
        const texts = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card').map((one) => one.text);
        assert.equal(new Set(texts.map((text) => /故障第\d种/.exec(text)[0])).size, texts.length, 'each once');
      });
    });

    test('mirrored tasks: whatever goes wrong with the call, there is one task, it follows, and the messages go on', async () => {
      const path = '/task/v2/tasks';
      const faults = [
        { do: 'hang' },
        { do: 'business', status: 429, code: 99991400, headers: { 'x-ogw-ratelimit-reset': '2' } },
        { do: 'status', status: 502 },
        { do: 'business', status: 500, code: 1470500 },
        { do: 'business', status: 400, code: 1470422 },
        { do: 'cut' },
        { do: 'garbage' },
        { do: 'reset_after_accept' },
        { do: 'expire_token' },
      ];
      await withCompany(
        async (company) => {
          await company.say('韩梅梅', '/发起 镜像故障 给技术部 截止 下下周五18点');
          const { short } = numberOf((await company.liveCard()).text);
          await company.say('赵技', `/接单 ${short}`);
          const tasks = async () => (await company.control('world')).tasks;
          const standing = (fits, what) =>
            eventually(async () => (await tasks()).find(fits), async () => `${what}: ${JSON.stringify(await tasks())}\n${company.bot.log.slice(-2000)}`, 60_000);
          for (const [index, fault] of faults.entries()) {
            const what = `第${index}种`;
            const { id } = await company.fault({ match: { method: 'POST', path }, times: 1, ...fault });
            const after = await company.seq();
            await company.say('赵技', `/任务 ${short} @李雷 ${what} 截止 下周五18点`);
            await company.until((one) => toPerson('李雷')(one) && one.text.includes(short), { after, what: `the card despite ${fault.do}` });
            await standing((one) => one.summary.endsWith(what) && one.status === 'todo', `made after ${fault.do}`);
            await drained(company);
            if (fault.do === 'hang') {
              const calls = (await company.received()).filter((one) => one.method === 'POST' && one.seq > after);
              const [hung, second] = calls.filter((one) => one.path.startsWith('/open-apis' + path));
              assert.equal(hung.fault, id);
              const card = calls.find((one) => one.path.endsWith('/im/v1/messages') && one.body.includes(open('李雷')));
              assert.ok(card.seq < second.seq, 'the card does not wait for the call that hangs');
            }
            await company.fault({ match: { method: 'PATCH', path }, times: 1, ...fault });
            await company.say('李雷', `/交付 ${short}.${index + 1} 好了`);
            await standing((one) => one.summary.endsWith(what) && one.status === 'done', `done after ${fault.do}`);
            await drained(company);
          }
          assert.equal((await tasks()).length, faults.length, 'each once');
          await company.fault({ match: { method: 'POST', path }, times: -1, do: 'business', status: 403, code: 1470403 });
          await company.say('赵技', `/任务 ${short} @李雷 被拒绝 截止 下周五18点`);
          const warned = async () => JSON.parse((await company.bot.get('readyz')).body).warnings.find((one) => /tasks are not mirrored: .*1470403/.test(one));
          await eventually(warned, 'a refusal is told');
          assert.equal((await tasks()).length, faults.length);
        },
        { toml: 'mirror_tasks = true\n' },
      );
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
        await company.until((one) => one.text.includes('令牌19'));
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
        const end = performance.now() + 60_000;
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

    test('T2: one press, many deliveries: one effect, the same answer each time, a later press shows the state', async () => {
      await withCompany(async (company) => {
        await company.say('韩梅梅', '/发起 按钮重复 给技术部 截止 后天18点');
        const live = await company.liveCard();
        const copies = await company.control('events', { kind: 'press', user: open('赵技'), message: live.id, action: 'accept', id: 'ev_press', copies: 5, parallel: true });
        assert.deepEqual(copies.deliveries.map((one) => one.status), [200, 200, 200, 200, 200]);
        const toasts = new Set(copies.deliveries.map((one) => JSON.parse(one.body).toast?.content));
        assert.equal(toasts.size, 1, [...toasts].join(' | '));
        await company.bot.kill();
        await company.startBot();
        await connected(company);
        // Not by the card as it stands: it may show other buttons by now, and the press is the one from before.
        const k = /"k":"([^"]*\.accept\.[^"]*)"/.exec(JSON.stringify(live.card))[1];
        const event = { operator: { open_id: open('赵技') }, token: 'c-again', action: { tag: 'button', value: { k } }, host: 'im_message', context: { open_message_id: live.id, open_chat_id: group } };
        const again = await inject(company, { type: 'card.action.trigger', event }, { id: 'ev_press' });
        assert.equal(again.status, 200);
        assert.ok(toasts.has(again.answer.toast?.content), JSON.stringify(again));
        const later = await inject(company, { type: 'card.action.trigger', event }, { id: 'ev_later' });
        assert.equal(later.status, 200);
        assert.ok(later.answer.toast, JSON.stringify(later));
        const { short } = numberOf(live.text);
        const after = await company.seq();
        await company.say('韩梅梅', `/查看 ${short} 2`, { chat: 'private' });
        const detail = await company.until(toPerson('韩梅梅'), { after, what: 'the history' });
        assert.ok((detail.text.match(/接单/g) ?? []).length <= 3, detail.text);
      });
    });

    test('T2: one message, five deliveries at once, again, and after a restart: one effect, every copy answered', async () => {
      await withCompany(async (company) => {
        const text = '/发起 重复投递 给技术部 截止 后天18点';
        const said = await company.say('韩梅梅', text, { id: 'om_same', copies: 5, parallel: true });
        assert.deepEqual(said.deliveries.map((one) => one.status), [200, 200, 200, 200, 200]);
        const { full } = numberOf((await company.liveCard()).text);
        const again = async (what) => {
          const [delivery] = (await company.say('韩梅梅', text, { id: 'om_same' })).deliveries;
          assert.equal(delivery.status, 200, what);
        };
        await again('at once');
        await company.bot.kill();
        await company.startBot();
        await connected(company);
        await again('after a restart');
        // Whatever was said meanwhile is about the one request.
        await company.say('韩梅梅', '/查看 2', { chat: 'private' });
        await company.until((one) => toPerson('韩梅梅')(one) && !one.text.includes(full), { what: 'there is no second one' });
        const numbers = new Set((await company.messages()).flatMap((one) => one.text.match(/XB-\d{4}-\d{4}/g) ?? []));
        assert.deepEqual([...numbers], [full]);
      });
    });

    test('T43: a button of somebody else, and a button that was changed, change nothing; the presser alone is told', async () => {
      await withCompany(async (company) => {
        const raised = async (title) => {
          const after = await company.seq();
          await company.say('韩梅梅', `/发起 ${title} 给技术部 截止 后天18点`);
          return company.until((one) => one.chat === group && one.kind === 'card' && one.text.includes(title), { after });
        };
        const [mine, other] = [await raised('第一件'), await raised('第二件')];
        await drained(company);
        const accept = (card) => /"k":"([^"]*\.accept\.[^"]*)"/.exec(JSON.stringify(card.card))[1];
        const [card, version, , digest] = accept(mine).split('.');
        const good = { user: open('赵技'), message: mine.id, k: accept(mine) };
        let pressed = 0;
        const press = ({ user, message, k, value = { k } }) => {
          const event = { operator: { open_id: user }, token: 'c-forged', action: { tag: 'button', value }, host: 'im_message', context: { open_message_id: message, open_chat_id: group } };
          return inject(company, { type: 'card.action.trigger', event }, { id: `ev_forged${++pressed}` });
        };
        const changed = (from, to) => ({ ...good, k: good.k.replace(from, to) });
        const forgeries = {
          // Those who may not: another department, one who watches, who raised it; nobody of the company, the bot itself.
          'of another department': [{ ...good, user: open('钱市场') }, /赵技/],
          'who watches only': [{ ...good, user: open('周督办') }, /赵技/],
          'who raised it': [{ ...good, user: open('韩梅梅') }, /赵技/],
          'nobody of the company': [{ ...good, user: 'ou_external' }, /./],
          'the bot': [{ ...good, user: 'ou_bot_main' }, /./],
          // Values of the one who may, changed on the way.
          'another action': [changed('.accept.', '.verify.'), /我的/],
          'another version': [{ ...good, k: `${card}.${Number(version) + 1}.accept.${digest}` }, /我的/],
          'another card': [{ ...good, k: `${Number(card) + 1}.${version}.accept.${digest}` }, /我的/],
          'another digest': [{ ...good, k: `${card}.${version}.accept.${'0'.repeat(digest.length)}` }, /我的/],
          'no value': [{ ...good, value: {} }, /我的/],
          'a value of another kind': [{ ...good, value: { k: ['accept'], action: 'accept', request: 1 } }, /我的/],
        };
        for (const [name, [made, says]] of Object.entries(forgeries)) {
          const after = await company.seq();
          const { status, answer } = await press(made);
          assert.equal(status, 200, name);
          assert.match(answer?.toast?.content ?? '', says, name);
          await drained(company);
          const said = (await company.messages({ after })).filter((one) => one.version === 1);
          assert.deepEqual(said.map((one) => one.text), [], `${name}: nobody else hears of it`);
          for (const one of [mine, other]) assert.match((await company.messages()).find((shown) => shown.id === one.id).text, /待响应/, name);
        }
        const { short } = numberOf(mine.text);
        const after = await company.seq();
        await company.say('韩梅梅', `/查看 ${short} 2`, { chat: 'private' });
        const history = await company.until(toPerson('韩梅梅'), { after, what: 'the history' });
        assert.match(history.text, /钱市场/, 'who tried stands in the history');

        await company.control('events', { kind: 'user_left', user: open('李雷') });
        await press({ ...good, user: open('李雷') });
        await drained(company);
        assert.match((await company.messages()).find((one) => one.id === mine.id).text, /待响应/, 'one who has left');

        const genuine = await press(good);
        assert.ok(genuine.answer.card, JSON.stringify(genuine));
        await company.until((one) => one.id === mine.id && /执行中/.test(one.text), { what: 'the genuine press' });
        assert.match((await company.messages()).find((one) => one.id === other.id).text, /待响应/);
      });
    });

    test('T10: 230020 with Retry-After: no further call to the group before it, the private chats go on, everything arrives', async () => {
      await withCompany(async (company) => {
        const toGroup = async () => (await company.received('receive_id_type=chat_id')).filter((one) => one.body.includes(group));
        await company.fault({ match: { path: 'receive_id_type=chat_id' }, times: 1, do: 'business', status: 400, code: 230020, headers: { 'Retry-After': '30' } });
        await company.say('韩梅梅', '/发起 频率甲 给技术部 截止 后天18点');
        await eventually(async () => (await toGroup()).length > 0, 'the first call');
        for (const which of ['乙', '丙']) await company.say('韩梅梅', `/发起 频率${which} 给技术部 截止 后天18点`);
        await company.until((one) => toPerson('赵技')(one) && one.text.includes('频率丙'), { what: 'the private card' });
        for (const which of ['甲', '乙', '丙']) await company.until((one) => one.chat === group && one.text.includes(`频率${which}`), { within: 90_000 });
        const [refused, again] = await toGroup();
        const waited = Date.parse(again.at) - Date.parse(refused.at);
        assert.ok(waited >= 30_000, `${waited} ms`);
        const inPrivate = (await company.received('receive_id_type=open_id')).find((one) => one.body.includes(open('赵技')) && one.body.includes('频率丙'));
        assert.ok(inPrivate.seq < again.seq, 'the private card does not wait for the group');
      });
    });

    test('T10: told to wait for a person: the urgent notice that came meanwhile goes first', async () => {
      await withCompany(
        async (company) => {
          const mine = async () => (await company.received('receive_id_type=open_id')).filter((one) => one.body.includes(open('赵技')));
          await company.fault({ match: { path: 'receive_id_type=open_id', body_contains: open('赵技') }, times: 1, do: 'business', status: 429, code: 99991400, headers: { 'x-ogw-ratelimit-reset': '30' } });
          await company.say('韩梅梅', '/发起 频率甲 给技术部 截止 后天18点');
          await eventually(async () => (await mine()).length > 0, 'the first call');
          for (const which of ['乙', '丁', '戊', '己']) await company.say('韩梅梅', `/发起 频率${which} 给技术部 截止 后天18点`);
          await company.say('韩梅梅', '/发起 频率丙 给技术部 紧急');
          await company.until((one) => one.chat === group && one.text.includes('频率丙'), { what: 'the card in the group' });
          for (const text of ['频率甲', '频率乙', '频率丁', '频率戊', '频率己', '等你响应']) await company.until((one) => toPerson('赵技')(one) && one.text.includes(text), { what: text });
          const calls = await mine();
          assert.ok(Date.parse(calls[1].at) - Date.parse(calls[0].at) >= 30_000, `${calls[0].at} ${calls[1].at}`);
          const card = (await company.received('receive_id_type=chat_id')).find((one) => one.body.includes('频率丙'));
          assert.ok(card.seq < calls[1].seq, 'the group does not wait for the person');
          // Four a second go to a person, side by side and so in any order: the one that came last is among the first of them.
          const order = calls.map((one) => (/等你响应/.test(one.body) ? '催' : /频率(.)/.exec(one.body)[1]));
          const urgent = order.indexOf('丙');
          assert.ok(urgent >= 1 && urgent <= 4, `${order}`);
          // A request's own messages keep their order: its card overtakes, and its notice follows as soon as that is shown.
          const notice = order.indexOf('催');
          assert.ok(notice > urgent && Date.parse(calls[notice].at) - Date.parse(calls[urgent].at) < 20_000, `${order}`);
        },
        { toml: inGroup.replace('by = "group"', 'by = "urgent"') },
      );
    });

    test('T11: 503 for a while: few calls meanwhile, everything arrives afterwards, once', async () => {
      await withCompany(async (company) => {
        const { id } = await company.fault({ match: { path: '/im/v1/messages' }, times: -1, do: 'status', status: 503 });
        for (let i = 0; i < 10; ++i) await company.say('韩梅梅', `/发起 停机${i}号 给技术部 截止 后天18点`);
        await pause(6000);
        const meanwhile = (await company.received('/im/v1/messages')).length;
        assert.ok(meanwhile < 40, `${meanwhile} calls in six seconds against a platform that is down`);
        await company.control(`faults/${id}`, undefined, 'DELETE');
        for (let i = 0; i < 10; ++i) await company.until((one) => one.chat === group && one.text.includes(`停机${i}号`), { what: `number ${i}` });
        const cards = (await company.messages()).filter((one) => one.chat === group && one.kind === 'card');
        assert.equal(cards.length, 10);
      });
    });

    test('T12: 200 with an empty body, and a refusal in HTTP 200, are failures', async () => {
      await withCompany(async (company) => {
        for (const [index, fault] of [{ do: 'status', status: 200 }, { do: 'business', status: 200, code: 190005 }].entries()) {
          await company.fault({ match: { path: 'receive_id_type=chat_id' }, times: 1, ...fault });
          await company.say('韩梅梅', `/发起 空答${index}号 给技术部 截止 后天18点`);
          await company.until((one) => one.chat === group && one.kind === 'card' && one.text.includes(`空答${index}号`));
        }
        assert.equal((await company.messages()).filter((one) => one.chat === group && one.kind === 'card').length, 2);
        for (const secret of secrets) assert.ok(!company.bot.log.includes(secret), 'no secret in the log');
      });
    });

    test('T13: an answer of one byte a second: the deadline of the whole call holds', async () => {
      await withCompany(async (company) => {
        await company.fault({ match: { method: 'POST', path: 'receive_id_type=chat_id' }, times: 1, do: 'trickle', ms: 1000 });
        await company.say('韩梅梅', '/发起 慢答 给技术部 截止 后天18点');
        const end = performance.now() + 60_000;
        let calls = [];
        while (performance.now() < end && calls.length < 2) {
          calls = (await company.received('receive_id_type=chat_id')).filter((one) => one.body.includes('慢答'));
          await pause(100);
        }
        assert.ok(calls.length >= 2, 'it was tried again');
        const waited = Date.parse(calls[1].at) - Date.parse(calls[0].at);
        assert.ok(waited >= 8000 && waited <= 40_000, `${waited} ms`);
        assert.equal(calls[0].body, calls[1].body, 'the same bytes');
        assert.equal((await company.messages()).filter((one) => one.chat === group && one.kind === 'card').length, 1);
      });
    });

    test('T15: no token is to be had, then tokens that are refused as soon as they are given: no storm, and then it goes on', async () => {
      await withCompany(async (company) => {
        await company.fault({ match: { path: 'tenant_access_token' }, times: 2, do: 'status', status: 500 });
        await company.fault({ match: { path: 'tenant_access_token' }, times: 3, do: 'refuse_token' });
        await company.say('韩梅梅', '/发起 坏令牌 给技术部 截止 后天18点');
        await company.until((one) => one.chat === group && one.text.includes('坏令牌'));
        const renewals = (await company.received('tenant_access_token')).length;
        assert.ok(renewals <= 8, `${renewals} renewals`);
      });
    });

    test('T15: no token for long: said in /readyz and in the log, and to the administrator when it is over', async () => {
      await withCompany(
        async (company) => {
          const { id } = await company.fault({ match: { path: 'tenant_access_token' }, times: -1, do: 'business', status: 200, code: 10014 });
          await restarted(company);
          await company.say('韩梅梅', '/发起 没有令牌 给技术部 截止 后天18点');
          const end = performance.now() + 90_000;
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
          await company.until((one) => one.chat === group && one.text.includes('没有令牌'));
          await company.until((one) => toPerson('周督办')(one) && one.text.includes('拿不到访问凭证'), { what: 'the alarm' });
          await eventually(async () => !(await ready(company)).warnings.some((one) => one.includes('no access token')), 'it is over');
        },
        { toml: '[alarm]\npeople = ["zhou"]\n' },
      );
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
        assert.match(live.text, /未完，发送 \/查看 \d+ 看全文/);
        const all = await readAll(company, '韩梅梅', toPerson('韩梅梅'), `/查看 ${short}`);
        for (const label of ['背景', '现状', '影响']) assert.ok(all.includes(`${label}：${long}`), `${label} is read whole`);
        assert.ok(!all.includes('\ufffd'));
        for (const request of await company.received('/im/v1/messages')) assert.ok(![230025, 230099].includes(request.code), `${request.code}`);
      });
    });

    for (const code of [230022, 230028]) {
      test(`T18: what an audit holds back (${code}) is said without the words that somebody typed`, async () => {
        await withCompany(
          async (company) => {
            await company.say('韩梅梅', '/发起 核对电话 给技术部 截止 后天18点 背景: 客户电话 13800138000');
            for (const [what, there] of [['the group', (one) => one.chat === group], ['the first receiver', toPerson('赵技')]])
              await company.until((one) => there(one) && /没有通过平台的内容审核，请发送 \/查看 \d+ 查看/.test(one.text), { what: `the plain line for ${what}` });
            await drained(company);
            for (const one of await company.messages()) assert.ok(!one.text.includes('13800138000'), one.text);
            assert.ok((await company.received('/im/v1/messages')).some((one) => one.code === code), 'it was refused');
            assert.deepEqual((await ready(company)).warnings.filter((one) => /delivered/.test(one)), []);
          },
          { limits: { audit: code } },
        );
      });
    }

    test('T18: a card that the platform holds too old to change is sent anew', async () => {
      await withCompany(async (company) => {
        await company.say('韩梅梅', '/发起 旧卡片 给技术部 截止 后天18点');
        const live = await company.liveCard();
        const { short } = numberOf(live.text);
        await company.fault({ match: { method: 'PATCH', path: live.id }, times: -1, do: 'business', status: 400, code: 230031 });
        const after = await company.seq();
        await company.say('赵技', `/接单 ${short}`, { chat: 'private' });
        const anew = await company.until((one) => one.chat === group && one.kind === 'card' && one.id !== live.id, { after, what: 'a new card' });
        assert.match(anew.text, /赵技/);
      });
    });

    test('T18: a card that mentions somebody whom the platform no longer knows is refused whole: the text comes', async () => {
      await withCompany(
        async (company) => {
          await company.say('韩梅梅', '/发起 提到离开的人 给技术部 紧急');
          await company.liveCard();
          await company.until(toPerson('赵技'), { what: 'the card of the first receiver' });
          const after = await company.seq();
          const { people: everybody } = await company.control('world');
          await company.control('world', { people: everybody.filter((one) => one.id !== open('赵技')) }, 'PUT');
          const told = await company.until((one) => one.chat === group && one.kind === 'text' && /等你响应/.test(one.text), { after, what: 'the reminder as text' });
          assert.match(told.text, /提到离开的人/);
          assert.ok((await company.received('receive_id_type=chat_id')).some((one) => one.code === 230099), 'the card was refused');
        },
        { toml: laterInGroup },
      );
    });

    test('T19: a reminder for a group where the bot may not speak reaches its person in private', async () => {
      await withCompany(
        async (company) => {
          await company.say('韩梅梅', '/发起 群里禁言 给技术部 紧急');
          const live = await company.liveCard();
          await company.until(toPerson('赵技'), { what: 'the card of the first receiver' });
          const after = await company.seq();
          await company.fault({ match: { method: 'POST', path: 'receive_id_type=chat_id' }, times: -1, do: 'business', status: 400, code: 230018 });
          const told = await company.until((one) => toPerson('赵技')(one) && one.id !== live.id && /等你响应/.test(one.text), { after, what: 'the reminder in private' });
          assert.match(told.text, /群里禁言/);
        },
        { toml: laterInGroup },
      );
    });

    test('T19: a reminder for a group that is gone reaches its person in private', async () => {
      await withCompany(
        async (company) => {
          await company.say('韩梅梅', '/发起 群没了 给技术部 紧急');
          const live = await company.liveCard();
          await company.until(toPerson('赵技'), { what: 'the card of the first receiver' });
          const after = await company.seq();
          await company.control('events', { kind: 'chat_dissolved', chat: group, user: open('韩梅梅') });
          const told = await company.until((one) => toPerson('赵技')(one) && one.id !== live.id && /等你响应/.test(one.text), { after, what: 'the reminder in private' });
          assert.match(told.text, /群没了/);
        },
        { toml: laterInGroup },
      );
    });
  });

  test('T16: 500 at once: our own limiter keeps below the limits, nothing is lost, changes of a card are merged', async () => {
    await withCompany(async (company) => {
      await company.say('韩梅梅', '/发起 批量记录 给技术部 截止 后天18点');
      const live = await company.liveCard();
      const { short } = numberOf(live.text);
      const before = await company.seq();
      const names = Object.keys(people);
      const texts = Array.from({ length: 500 }, (_, i) => `/备注 ${short} 第${1000 + i}条`);
      for (let i = 0; i < texts.length; i += 20) {
        const answers = await Promise.all(texts.slice(i, i + 20).map((text, at) => company.say(names[at % names.length], text, { chat: 'private' })));
        for (const one of answers) assert.equal(one.deliveries[0].status, 200);
      }
      const end = performance.now() + 180_000;
      let answers = [];
      while (performance.now() < end && answers.length < 500) {
        answers = (await company.messages({ after: before })).filter((one) => one.to && one.text.includes('备注'));
        await pause(250);
      }
      assert.equal(answers.length, 500, 'each is answered');
      const calls = await company.received('/im/v1/messages');
      const refused = calls.filter((one) => [230020, 99991400].includes(one.code));
      // A machine that stalls bunches what left a second apart: a few are no fault, a tenth of all is one.
      assert.ok(refused.length <= 50, `${refused.length} refused`);
      const patches = calls.filter((one) => one.method === 'PATCH' && one.path.includes(live.id));
      // One for each would be 500; a slow machine takes longer for all, and each moment has its own.
      assert.ok(patches.length < 250, `${patches.length} updates of the live card for 500 changes`);
    });
  });
}

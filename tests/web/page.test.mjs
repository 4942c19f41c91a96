// The page in Chromium, against the sample organisation. By itself it starts a Xieban of its own (XIEBAN_BINARY); against one
// that runs, which it resets:
//   node tests/web/page.test.mjs http://127.0.0.1:8080/ [screenshot.png]
// or XIEBAN_URL and XIEBAN_SCREENSHOT with `node --test`.
import test, { before, after, afterEach, describe } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

let base = process.argv[2]?.startsWith('http') ? process.argv[2] : process.env.XIEBAN_URL;
const screenshot = process.argv[3] ?? process.env.XIEBAN_SCREENSHOT;

const monday = '2026-11-23T09:00:00+08:00';
const title = '新品推广页接口对接';
const raise = `/发起 ${title} 给技术部 截止 明天18点 紧急 背景: 新品周五上线 现状: 接口文档未定 影响: 推广页打不开`;

const profile = mkdtempSync(join(tmpdir(), 'xieban-page-'));
const errors = [];
let context;
let bot;

before(async () => {
  if (!base) {
    const { Bot, folder } = await import('../process/support.mjs');
    bot = await new Bot(folder()).start();
    base = bot.url;
  }
  context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    timeout: 120_000,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    locale: 'zh-CN',
    viewport: { width: 1280, height: 800 },
  });
});
after(async () => {
  await context?.close();
  if (bot) {
    await bot.kill();
    rmSync(bot.data, { recursive: true, force: true });
  }
  rmSync(profile, { recursive: true, force: true });
});
afterEach(() => {
  assert.deepEqual(errors.splice(0), [], 'the console stays clean');
});

async function api(name, body) {
  const answer = await fetch(new URL(`playground/api/${name}`, base), {
    method: body === undefined ? 'GET' : 'POST',
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  assert.equal(answer.status, 200, `${name}: ${answer.status}`);
  return answer.json();
}
/** Nothing that was done before brings any more messages. */
async function quiet() {
  for (;;) {
    const { outbox } = await (await fetch(new URL('readyz', base))).json();
    if (outbox.waiting === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** People and chats are read from the world; what is done is done on the page. */
async function cast() {
  const world = await api('world');
  const tech = world.departments.find((one) => one.name === '技术部');
  const lei = world.people.find((one) => one.name === '李雷');
  assert.ok(tech && lei, 'the sample organisation');
  return {
    world,
    group: world.chats[0].id,
    requester: world.people[0].id,
    owner: tech.liaisons[0],
    head: tech.head,
    vice: tech.vice_president,
    lei: lei.id,
  };
}

/** What a person does at the page. */
class Visitor {
  constructor(page) {
    this.page = page;
  }
  static async arrive(width = 1280, height = 800) {
    const page = await context.newPage();
    await page.setViewportSize({ width, height });
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    // A toast goes by itself after some seconds: what each one said is kept.
    await page.addInitScript(() => {
      window.toasts = [];
      const added = (records) => records.flatMap((record) => [...record.addedNodes]).filter((node) => node instanceof Element && node.matches('.toast'));
      new MutationObserver((records) => window.toasts.push(...added(records).map((node) => node.textContent))).observe(document, { childList: true, subtree: true });
    });
    await page.goto(new URL('playground/', base).href);
    await page.locator('#app[data-ready]').waitFor();
    return new Visitor(page);
  }
  async leave() {
    await this.page.close();
  }
  /** On a phone the list of chats is a drawer. */
  async list(open) {
    const menu = this.page.locator('#menu');
    if (!(await menu.isVisible())) return;
    if (((await menu.getAttribute('aria-expanded')) === 'true') !== open) await menu.click();
  }
  async be(person) {
    await this.list(true);
    await this.page.selectOption('#person', person);
    await this.list(false);
  }
  async open(chat) {
    await this.list(true);
    await this.page.locator(`[data-chat="${chat}"]`).click();
  }
  async at(person, chat = `p:${person}`) {
    await this.be(person);
    await this.open(chat);
  }
  async say(text) {
    await this.page.fill('#text', text);
    await this.page.press('#text', 'Enter');
    await this.page.waitForFunction(() => document.querySelector('#text').value === '');
    await this.page.locator('article.own', { hasText: text }).last().waitFor();
  }
  messages(options = {}) {
    return this.page.locator('article.message', options);
  }
  bot(hasText) {
    return this.page.locator('article.from-bot', { hasText });
  }
  async expect(hasText) {
    await this.bot(hasText).last().waitFor();
  }
  /** The newest card that offers this action. */
  button(action) {
    return this.page.locator(`article.from-bot button[data-action="${action}"]`).last();
  }
  async press(action) {
    await this.button(action).click();
    const sure = this.page.locator('dialog [data-confirm]');
    if (await sure.isVisible().catch(() => false)) await sure.click();
    await this.settled();
  }
  async settled() {
    await this.page.waitForFunction(() => document.querySelector('fieldset:disabled, #clock-hour:disabled') === null);
  }
  /** Fills the newest form and sends it. */
  async submit(values) {
    const form = this.page.locator('article.from-bot', { has: this.page.locator('button[data-action="submit"]') }).last();
    await form.waitFor();
    const id = await form.getAttribute('data-message');
    for (const [name, value] of Object.entries(values)) {
      const field = form.locator(`[name="${name}"]`);
      if ((await field.first().evaluate((node) => node.tagName)) === 'SELECT') await field.selectOption(value);
      else await field.fill(value);
    }
    await form.locator('button[data-action="submit"]').click();
    await this.page.locator(`article[data-message="${id}"] button[data-action="submit"]`).waitFor({ state: 'detached' });
    await this.settled();
  }
  /** A toast that says so and was not asked about yet. */
  async toast(words) {
    await this.page.waitForFunction((source) => {
      const found = window.toasts.findIndex((text) => new RegExp(source).test(text));
      return window.toasts.splice(0, found + 1).length > 0;
    }, words.source);
  }
  async turn(button) {
    const before = await this.page.locator('#now').textContent();
    await this.page.click(`#clock-${button}`);
    await this.page.waitForFunction(() => !document.querySelector('#clock-hour').disabled);
    return { before, after: await this.page.locator('#now').textContent() };
  }
  /** On to the next event until `seen` is there. */
  async turnUntil(seen, most = 14) {
    for (let turn = 0; turn < most; turn += 1) {
      if ((await seen.count()) > 0) return;
      await this.turn('next');
    }
    assert.ok((await seen.count()) > 0, 'it came while the clock was turned');
  }
  async widthFits() {
    const wide = await this.page.evaluate(() => ({
      page: document.documentElement.scrollWidth,
      list: document.querySelector('#messages').scrollWidth - document.querySelector('#messages').clientWidth,
      window: window.innerWidth,
    }));
    assert.ok(wide.page <= wide.window, `the page is ${wide.page} wide in a window of ${wide.window}`);
    assert.ok(wide.list <= 0, `messages stick out by ${wide.list}`);
  }
}

describe('the story of a request', () => {
  let someone;
  let who;
  let number;
  let short;
  before(async () => {
    await api('reset', { now: monday });
    who = await cast();
    someone = await Visitor.arrive();
  });
  after(() => someone.leave());

  test('an empty chat says how to begin', async () => {
    await someone.at(who.requester, who.group);
    await someone.page.locator('.example').first().click();
    assert.match(await someone.page.inputValue('#text'), /^\/发起 /);
    await someone.page.fill('#text', '');
  });

  test('a slash offers the commands, by mouse and by keys', async () => {
    const { page } = someone;
    await page.locator('#text').pressSequentially('/');
    await page.locator('#hints [role="option"]').first().waitFor();
    assert.ok((await page.locator('#hints [role="option"]').count()) > 20);
    await page.keyboard.type('为');
    await page.keyboard.press('Enter');
    assert.equal(await page.inputValue('#text'), '/为什么 ');
    await page.fill('#text', '/接');
    await page.locator('#hints [role="option"]', { hasText: '/接单' }).click();
    assert.equal(await page.inputValue('#text'), '/接单 ');
    assert.equal(await page.locator('#hints').isVisible(), false);
    await page.fill('#text', '');
  });

  test('raised by a typed command: the card stands in the group', async () => {
    await someone.say(raise);
    // Below it stands the line that names the request's own group.
    const card = someone.page.locator('article.from-bot[data-request]', { hasText: title }).filter({ has: someone.page.locator('button') }).last();
    await card.waitFor();
    number = await card.getAttribute('data-request');
    assert.match(number, /^XB-\d{4}-\d{4,}$/);
    short = String(Number(number.split('-')[2]));
    assert.ok((await card.locator('button').count()) > 0, 'the card has buttons');
    await someone.widthFits();
  });

  test('the timeline says what will happen, and to whom', async () => {
    const planned = someone.page.locator(`#plan-list [data-request="${number}"]`);
    await planned.first().waitFor();
    assert.ok((await planned.count()) >= 5);
    await someone.page.locator('#plan-list [data-by="urgent"]').first().waitFor();
    assert.match(await someone.page.locator('#plan-list').textContent(), /部门负责人/);
  });

  test('a type is tried out before it is switched on', async () => {
    const someone = await Visitor.arrive();
    const { page } = someone;
    if (!(await page.locator('#plan').isVisible())) await page.click('#plan-open');
    await page.click('#preview > summary');
    await page.locator('#preview-list .planned').first().waitFor();
    await page.selectOption('#preview-type', 'urgent');
    await page.fill('#preview-raised', '2026-11-20T17:00');
    // The list of the other hour also names the vice president: only the time tells which list stands there.
    await page.locator('#preview-list time', { hasText: '17:30' }).first().waitFor();
    assert.match(await page.locator('#preview-list time').first().textContent(), /17:30/);
    await page.locator('#preview-list [data-role="vice_president"]').first().waitFor();
    await someone.leave();
  });

  test('nobody answers: a reminder, then the urgent channel', async () => {
    await someone.at(who.owner);
    // The first receiver was told.
    await someone.messages().first().waitFor();
    const arrived = await someone.messages().count();
    await someone.turn('next');
    await someone.page.waitForFunction((count) => document.querySelectorAll('article.message').length > count, arrived);
    await someone.turnUntil(someone.page.locator('article.from-bot.urgent'));
  });

  test('at two hours the head and the vice president are told', async () => {
    await someone.at(who.head);
    await someone.turnUntil(someone.bot(title));
    await someone.at(who.vice);
    await someone.expect(title);
    assert.match(await someone.page.locator('#now').textContent(), /11:0/);
    if (screenshot) {
      await someone.at(who.owner);
      await someone.page.waitForFunction(() => document.querySelector('.toast') === null);
      await someone.page.screenshot({ path: screenshot });
    }
  });

  test('why: with the arithmetic of the clock', async () => {
    await someone.at(who.requester);
    await someone.say(`/为什么 ${short}`);
    await someone.expect(/2 ?小时/);
  });

  test('accepted by a button', async () => {
    await someone.at(who.owner);
    await someone.press('accept');
    await someone.toast(/接单|接了/);
    await someone.at(who.requester, who.group);
    await someone.expect(/执行|办理|进行/);
  });

  test('delegated by name alone', async () => {
    await someone.at(who.owner);
    await someone.say(`/指派 ${short} 李雷`);
    await someone.at(who.lei);
    await someone.expect(title);
  });

  test('reported late by the form, with reason and measure', async () => {
    await someone.press('progress');
    await someone.submit({ percent: '40', health: 'late', reason: '测试环境不稳定', measure: '今晚加人修复' });
    await someone.at(who.requester, who.group);
    await someone.expect('测试环境不稳定');
  });

  test('delivered, rejected, delivered again, accepted', async () => {
    await someone.at(who.lei);
    await someone.press('deliver');
    await someone.submit({ text: '接口已上线测试环境' });
    await someone.at(who.requester);
    await someone.press('reject');
    await someone.submit({ reason: '少了分页参数' });
    await someone.at(who.lei);
    await someone.expect('少了分页参数');
    await someone.say(`/交付 ${short} 已补分页参数`);
    await someone.at(who.requester);
    await someone.press('verify');
    await someone.at(who.requester, who.group);
    await someone.expect('归档');
  });

  test('the archive tells the whole story', async () => {
    await someone.at(who.requester);
    let told = '';
    for (const page of ['', ' 2', ' 3']) {
      const before = await someone.messages().count();
      await someone.say(`/查看 ${short}${page}`);
      await someone.page.waitForFunction((count) => document.querySelectorAll('article.from-bot').length > 0 && document.querySelectorAll('article.message').length > count + 1, before);
      told += await someone.messages().last().textContent();
    }
    for (const word of ['发起', '接单', '李雷', '测试环境不稳定', '交付', '少了分页参数', '归档']) {
      assert.ok(told.includes(word), `it tells of ${word}`);
    }
    await someone.page.locator('#plan-list .none').waitFor();
    assert.equal(await someone.page.locator(`#plan-list [data-request="${number}"]`).count(), 0);
  });
});

describe('nothing but /发起', () => {
  let someone;
  let who;
  before(async () => {
    await api('reset', { now: monday });
    who = await cast();
    someone = await Visitor.arrive();
  });
  after(() => someone.leave());

  test('leads through the form in private, and the group gets the card', async () => {
    await someone.at(who.requester, who.group);
    await someone.say('/发起');
    await someone.expect('正在填写');
    await someone.open(`p:${who.requester}`);
    await someone.button('submit').click();
    await someone.toast(/请填写/);
    await someone.submit({ title: '季度报表口径对齐', to: { label: '技术部' }, due: '后天18点' });
    await someone.open(who.group);
    await someone.page.locator('article.from-bot[data-request]', { hasText: '季度报表口径对齐' }).waitFor();
  });

  test('leads through the dialogue in plain text', async () => {
    await someone.at(who.requester);
    await someone.say('/发起');
    await someone.button('submit').waitFor();
    await someone.say('会议室投影检修');
    await someone.say('技术部');
    for (let turn = 0; turn < 14; turn += 1) {
      if ((await someone.page.locator('article.from-bot[data-request]', { hasText: '会议室投影检修' }).count()) > 0) break;
      await someone.say('跳过');
    }
    await someone.page.locator('article.from-bot[data-request]', { hasText: '会议室投影检修' }).first().waitFor();
  });

  test('what is being typed into a form survives news around it', async () => {
    const forms = someone.page.locator('article.from-bot', { has: someone.page.locator('button[data-action="submit"]') });
    const known = await forms.evaluateAll((all) => all.map((one) => one.dataset.message));
    await someone.say('/发起');
    // The new one: before it comes the newest may be one that was left.
    const made = await someone.page.waitForFunction((old) => {
      const all = [...document.querySelectorAll('article.from-bot:has(button[data-action="submit"])')];
      return all.map((one) => one.dataset.message).find((id) => !old.includes(id));
    }, known);
    const form = someone.page.locator(`article[data-message="${await made.jsonValue()}"]`);
    await form.locator('[name="title"]').fill('写到一半');
    const before = await someone.messages().count();
    await api('say', { chat: `p:${who.requester}`, user: who.requester, text: '/我的' });
    await someone.page.waitForFunction((count) => document.querySelectorAll('article.message').length > count + 1, before);
    await someone.expect('季度报表口径对齐');
    assert.equal(await form.locator('[name="title"]').inputValue(), '写到一半');
    await someone.press('cancel_form');
  });
});

describe('the page itself', () => {
  let who;
  before(async () => {
    await api('reset', { now: monday });
    who = await cast();
  });

  for (const width of [360, 1280]) {
    test(`fits a window of ${width} pixels`, async () => {
      const someone = await Visitor.arrive(width, width === 360 ? 740 : 800);
      await someone.widthFits();
      await someone.at(who.requester, who.group);
      await someone.say(raise);
      await someone.page.locator('article.from-bot[data-request]').last().waitFor();
      await someone.say(`@协办 ${'很长的一句话'.repeat(30)} ${'x'.repeat(300)}`);
      await someone.widthFits();
      await someone.at(who.requester);
      await someone.say('/发起');
      await someone.button('submit').waitFor();
      await someone.widthFits();
      await someone.press('cancel_form');
      await someone.list(true);
      await someone.widthFits();
      await someone.list(false);
      if (width === 360) {
        await someone.page.click('#plan-open');
        await someone.page.locator('#plan').waitFor();
        await someone.widthFits();
        await someone.page.keyboard.press('Escape');
        assert.equal(await someone.page.locator('#plan').isVisible(), false);
        const small = await someone.page.evaluate(() =>
          [...document.querySelectorAll('button')].filter((node) => node.offsetWidth > 0 && node.getBoundingClientRect().right > window.innerWidth + 1).length,
        );
        assert.equal(small, 0, 'no button lies outside');
      }
      await someone.leave();
    });
  }

  test('text is text, never markup', async () => {
    const someone = await Visitor.arrive();
    await someone.at(who.requester, who.group);
    const evil = '<img src=x onerror="document.title=1"><b>粗</b> & "引号"';
    await someone.say(evil);
    assert.equal(await someone.page.locator('article.own .bubble').last().textContent(), evil);
    assert.equal(await someone.page.locator('#messages img').count(), 0);
    await someone.say(`/发起 ${evil} 给技术部 截止 明天18点`);
    await someone.page.locator('article.from-bot').last().waitFor();
    assert.equal(await someone.page.locator('#messages img, #messages b b').count(), 0);
    assert.notEqual(await someone.page.title(), '1');
    await someone.leave();
  });

  test('unread marks come and go', async () => {
    await quiet();
    const someone = await Visitor.arrive();
    await someone.at(who.requester);
    await api('say', { chat: who.group, user: who.owner, text: '大家好' });
    const mark = someone.page.locator(`[data-chat="${who.group}"] .unread`);
    await mark.waitFor();
    assert.equal(await mark.textContent(), '1');
    await someone.open(who.group);
    await someone.messages({ hasText: '大家好' }).waitFor();
    await mark.waitFor({ state: 'detached' });
    await someone.leave();
  });

  test('the clock turns by an hour, a day, and to nine in the morning', async () => {
    const someone = await Visitor.arrive();
    await api('reset', { now: monday });
    await someone.page.reload();
    await someone.page.locator('#app[data-ready]').waitFor();
    // It runs as well: on a busy machine by a minute or two.
    assert.match((await someone.turn('hour')).after, /11月23日 周一 10:0/);
    assert.match((await someone.turn('day')).after, /11月24日 周二 10:0/);
    assert.match((await someone.turn('morning')).after, /11月25日 周三 09:0/);
    await someone.turn('next');
    await someone.toast(/没有计划中的事/);
    await someone.leave();
  });

  test('speaks English, and remembers it', async () => {
    const someone = await Visitor.arrive();
    await someone.page.click('#language');
    assert.equal(await someone.page.textContent('#send'), 'Send');
    assert.equal(await someone.page.getAttribute('html', 'lang'), 'en');
    await someone.page.fill('#text', '/rai');
    await someone.page.locator('#hints [role="option"]', { hasText: '/raise' }).waitFor();
    await someone.page.reload();
    await someone.page.locator('#app[data-ready]').waitFor();
    assert.equal(await someone.page.textContent('#send'), 'Send');
    await someone.page.click('#language');
    assert.equal(await someone.page.textContent('#send'), '发送');
    await someone.leave();
  });

  test('works with the keyboard alone, and every control has a name', async () => {
    const someone = await Visitor.arrive();
    const { page } = someone;
    await page.focus('#text');
    await page.keyboard.type('/我的');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+Enter');
    assert.equal(await page.inputValue('#text'), '/我的\n');
    await page.fill('#text', '/帮助');
    await page.keyboard.press('Enter');
    await page.locator('article.own', { hasText: '/帮助' }).last().waitFor();
    await page.locator('article.from-bot').last().waitFor();
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll('button, select, input, textarea')]
        .filter((node) => node.offsetWidth > 0 && !(node.textContent.trim() || node.getAttribute('aria-label') || node.labels?.length))
        .map((node) => node.outerHTML),
    );
    assert.deepEqual(nameless, []);
    await someone.leave();
  });

  test('reset asks first, then empties everything', async () => {
    const someone = await Visitor.arrive();
    await someone.at(who.requester, who.group);
    await someone.say('大家好');
    await someone.page.click('#reset');
    await someone.page.keyboard.press('Escape');
    assert.ok((await someone.messages().count()) > 0);
    await someone.page.click('#reset');
    await someone.page.locator('dialog [data-confirm]').click();
    await someone.page.locator('.empty').waitFor();
    assert.equal(await someone.messages().count(), 0);
    await someone.leave();
  });

  test('the gallery draws every kind of card, with what each platform is sent', async () => {
    const page = await context.newPage();
    await page.setViewportSize({ width: 900, height: 900 });
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(new URL('playground/cards', base).href);
    await page.locator('#app[data-ready]').waitFor();
    const { cards } = await api('cards');
    assert.ok(cards.length > 30, `${cards.length} examples`);
    for (const one of cards) {
      const section = page.locator(`section[data-card="${one.name}"]`);
      assert.equal(await section.count(), 1, one.name);
      if (!one.card) continue;
      const drawn = section.locator('.card');
      assert.ok((await drawn.innerText()).includes(one.card.title), `${one.name}: the title`);
      assert.equal(await drawn.locator('.buttons button').count(), one.card.buttons.length, `${one.name}: the buttons`);
      assert.equal(await drawn.locator('.input').count(), one.card.inputs.length, `${one.name}: the inputs`);
      assert.equal(await drawn.locator('tbody tr').count(), one.card.table?.rows.length ?? 0, `${one.name}: the rows`);
      assert.equal(await drawn.locator('svg[role="img"]').count(), one.card.chart ? 1 : 0, `${one.name}: the chart`);
      const box = await drawn.boundingBox();
      assert.ok(box.width > 200 && box.width <= 900 && box.height > 30, `${one.name}: ${box.width} x ${box.height}`);
    }
    for (const kind of ['live_', 'personal_', 'notice_', 'form_', 'choice', 'detail', 'list_']) {
      assert.ok(cards.some((one) => one.name.startsWith(kind) && one.card), `a card of ${kind}`);
    }
    const board = page.locator('section[data-card="list_board"]');
    assert.ok((await board.locator('tr.late').count()) > 0, 'late rows are marked');
    assert.equal(await board.locator('pre').first().isVisible(), false);
    await board.locator('summary', { hasText: 'feishu' }).click();
    assert.match(await board.locator('pre[data-platform="feishu"]').innerText(), /"tag": "table"/);
    await page.close();
  });

  test('a lost connection is said, and found again', async () => {
    const someone = await Visitor.arrive();
    await someone.page.route('**/api/**', (route) => route.abort());
    await someone.page.locator('.offline').waitFor();
    await someone.page.unroute('**/api/**');
    await someone.page.locator('.offline').waitFor({ state: 'hidden' });
    await someone.leave();
    errors.splice(0, errors.length, ...errors.filter((text) => !text.includes('net::ERR_FAILED')));
  });
});

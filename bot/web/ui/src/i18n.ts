// Words of the page itself. What the bot says comes from the bot.

export type Lang = 'zh' | 'en';

const zh = {
  title: '协办 · 演练场',
  brand: '协办',
  tagline: '演练场',
  chats: '会话',
  groups: '群聊',
  privates: '私聊',
  private_with: '与协办的私聊',
  acting_as: '当前身份',
  unread_elsewhere: '{n} 条未读',
  members: '{n} 人',
  text_label: '输入消息或命令',
  placeholder_group: '输入 / 选择命令，@协办 直接提问',
  placeholder_private: '输入消息，或输入 / 选择命令',
  send: '发送',
  commands: '命令',
  people: '成员',
  empty: '这里还没有消息',
  empty_hint: '点一下示例放进输入框，发出后用上方的时钟往前走，看提醒和升级逐级到来。',
  examples: '示例',
  only_you: '仅你可见',
  urgent: '加急',
  mentions_you: '@你',
  updated: '{time} 更新',
  to_newest: '回到最新',
  earlier: '更早的消息',
  required: '必填',
  choose: '请选择',
  pick_time: '选择日期和时间',
  time_hint: '如：明天18点、3天',
  missing: '请填写“{label}”',
  confirm: '确定',
  cancel: '取消',
  typed: '也可以输入：{command}',
  clock: '时钟',
  running: '走动中',
  hour: '+1 小时',
  day: '+1 天',
  next: '下一件事',
  morning: '明天 09:00',
  turned: '现在是 {time}，发出 {n} 条',
  turned_none: '现在是 {time}，没有新消息',
  nothing_next: '没有计划中的事',
  plan: '时间线',
  plan_open: '打开时间线',
  plan_empty: '暂无计划。有未完成的协作单时，这里会列出将要发生的提醒和升级。',
  plan_intro: '如果没有人处理，将依次发生：',
  preview: '试算一个类型',
  preview_intro: '启用前先看：某一刻发起、一直无人处理的协作单，14 天内会通知谁。',
  preview_type: '类型',
  preview_department: '牵头部门',
  preview_raised: '发起时间',
  preview_none: '14 天内不会发出通知。',
  go_there: '走到这一刻',
  by_private: '私聊',
  by_group: '群里',
  by_urgent: '加急',
  reset: '重置',
  reset_ask: '清空全部数据，时钟回到现在，恢复示例组织。确定吗？',
  reset_done: '已重置',
  language: 'English',
  offline: '连接断开，正在重试…',
  menu: '打开会话列表',
  close: '关闭',
  bot: '协办',
  left: '已离开的人',
  busy: '系统忙，请稍后再试',
  old_card: '这张卡片已更新，请看最新内容',
  gone: '内容已变化，页面已刷新',
  real_apps: '已接入真实平台，不能拨动时钟或重置',
  failed: '没有成功：{text}',
  after_minutes: '{n} 分钟后',
  after_hours: '{n} 小时后',
  after_days: '{n} 天后',
  now: '马上',
  rung_share: '已用 {n}%',
  rung_after: '超时 {n}',
  rung_before: '到期前 {n}',
  rung_every: '从 {at} 起每 {n}',
  unit_h: '{n} 小时',
  unit_m: '{n} 分钟',
  unit_s: '{n} 秒',
  role_owner: '负责人',
  role_requester: '发起人',
  role_signer: '会签人',
  role_liaison: '对接人',
  role_head: '部门负责人',
  role_vice_president: '分管领导',
  role_leadership_group: '领导小组',
  role_pmo: '监督部门',
  role_participants: '参与人',
  role_person: '指定人',
  clock_first_response: '首次响应',
  clock_recovery: '恢复',
  clock_sign_off: '会签',
  clock_task: '办理期限',
  clock_progress: '进度更新',
  clock_milestone: '关键节点',
  clock_dispute: '分歧',
  clock_ruling: '裁决',
  clock_minutes: '会议纪要',
  clock_acceptance: '验收',
  clock_review: '复盘',
  clock_assessment: '评定',
  clock_answer: '等待补充',
};
export type Key = keyof typeof zh;

const en: Record<Key, string> = {
  title: 'Xieban · Playground',
  brand: 'Xieban',
  tagline: 'Playground',
  chats: 'Chats',
  groups: 'Groups',
  privates: 'Private',
  private_with: 'Private chat with the bot',
  acting_as: 'You are',
  unread_elsewhere: '{n} unread',
  members: '{n} people',
  text_label: 'Message or command',
  placeholder_group: 'Type / for commands, @协办 to ask the bot',
  placeholder_private: 'Write a message, or / for commands',
  send: 'Send',
  commands: 'Commands',
  people: 'People',
  empty: 'Nothing here yet',
  empty_hint: 'Tap an example, send it, then turn the clock above and watch reminders and escalations arrive.',
  examples: 'Examples',
  only_you: 'Only you see this',
  urgent: 'Urgent',
  mentions_you: '@you',
  updated: 'updated {time}',
  to_newest: 'To the newest',
  earlier: 'Earlier messages',
  required: 'required',
  choose: 'Please choose',
  pick_time: 'Pick a date and time',
  time_hint: 'e.g. tomorrow 18:00, 3d',
  missing: 'Please fill in “{label}”',
  confirm: 'Confirm',
  cancel: 'Cancel',
  typed: 'Or type: {command}',
  clock: 'Clock',
  running: 'running',
  hour: '+1 hour',
  day: '+1 day',
  next: 'Next event',
  morning: 'Tomorrow 09:00',
  turned: 'It is {time}; {n} sent',
  turned_none: 'It is {time}; nothing new',
  nothing_next: 'Nothing is planned',
  plan: 'Timeline',
  plan_open: 'Open the timeline',
  plan_empty: 'Nothing planned. While requests are open, coming reminders and escalations are listed here.',
  plan_intro: 'If nobody acts, this will happen:',
  preview: 'Try out a type',
  preview_intro: 'Before it is switched on: whom a request raised then, and answered by nobody, would tell within 14 days.',
  preview_type: 'Type',
  preview_department: 'Lead department',
  preview_raised: 'Raised at',
  preview_none: 'Nobody is told within 14 days.',
  go_there: 'Go to this moment',
  by_private: 'private',
  by_group: 'in group',
  by_urgent: 'urgent',
  reset: 'Reset',
  reset_ask: 'Delete all data, set the clock back to now and restore the sample organisation?',
  reset_done: 'Reset',
  language: '中文',
  offline: 'Connection lost, trying again…',
  menu: 'Open the list of chats',
  close: 'Close',
  bot: 'Xieban',
  left: 'Former member',
  busy: 'Busy right now, please try again',
  old_card: 'This card has been updated; see its newest state',
  gone: 'Things have changed; the page was refreshed',
  real_apps: 'A real platform is connected: the clock cannot be turned or reset',
  failed: 'That did not work: {text}',
  after_minutes: 'in {n} min',
  after_hours: 'in {n} h',
  after_days: 'in {n} days',
  now: 'now',
  rung_share: '{n}% used',
  rung_after: '{n} late',
  rung_before: '{n} before',
  rung_every: 'from {at}, every {n}',
  unit_h: '{n} h',
  unit_m: '{n} min',
  unit_s: '{n} s',
  role_owner: 'owner',
  role_requester: 'requester',
  role_signer: 'signer',
  role_liaison: 'liaison',
  role_head: 'head',
  role_vice_president: 'vice president',
  role_leadership_group: 'leadership group',
  role_pmo: 'PMO',
  role_participants: 'participant',
  role_person: 'named person',
  clock_first_response: 'First response',
  clock_recovery: 'Recovery',
  clock_sign_off: 'Sign-off',
  clock_task: 'Due date',
  clock_progress: 'Progress update',
  clock_milestone: 'Milestone',
  clock_dispute: 'Dispute',
  clock_ruling: 'Ruling',
  clock_minutes: 'Minutes',
  clock_acceptance: 'Acceptance',
  clock_review: 'Review',
  clock_assessment: 'Assessment',
  clock_answer: 'Waiting for an answer',
};

let lang: Lang = localStorage.getItem('xieban.lang') === 'en' ? 'en' : 'zh';

export function language(): Lang {
  return lang;
}
export function setLanguage(next: Lang): void {
  lang = next;
  localStorage.setItem('xieban.lang', next);
}

export function t(key: Key, values: Record<string, string | number> = {}): string {
  const text = (lang === 'zh' ? zh : en)[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** The text of a key that comes from the server ("clock_" + "task"); the word itself where there is none. */
export function word(prefix: 'role_' | 'clock_' | 'by_', name: string): string {
  const key = prefix + name;
  return key in zh ? t(key as Key) : name;
}

/** "80%", "+4h", "-24h", "25% every 30m": as the ladder writes it -> as people say it. */
export function rung(name: string): string {
  const amount = (text: string): string => {
    const found = /^(\d+)([hms])$/.exec(text);
    return found ? t(`unit_${found[2]}` as Key, { n: found[1] ?? '' }) : text;
  };
  const parts = /^(?:(\d+)%|([+-])(\w+))(?: every (\w+))?$/.exec(name);
  if (!parts) return name;
  const [, share, sign, offset, every] = parts;
  const late = t(sign === '-' ? 'rung_before' : 'rung_after', { n: amount(offset ?? '') });
  if (every !== undefined) return t('rung_every', { at: share === undefined ? late : `${share}%`, n: amount(every) });
  return share === undefined ? late : t('rung_share', { n: share });
}

/** Commands that the composer offers: what is put in, and what follows it. */
export function commands(): { command: string; hint: string }[] {
  const rows: [string, string, string, string][] = [
    ['/发起', '标题 给 部门 截止 时间；只发 /发起 则逐项填写', '/raise', 'title to department due time; alone: a form'],
    ['/紧急', '一句话说明紧急事项', '/urgent', 'an emergency in one line'],
    ['/接单', '12', '/accept', '12'],
    ['/拒绝', '12 原因 … 建议 …', '/decline', '12 reason … proposal …'],
    ['/补充', '12 问题（或回答）', '/ask', '12 question (or answer)'],
    ['/指派', '12 @人', '/assign', '12 @person'],
    ['/转交', '12 @人 原因', '/handover', '12 @person reason'],
    ['/配合', '12 部门', '/support', '12 department'],
    ['/任务', '12 @人 内容 截止 时间', '/task', '12 @person what due time'],
    ['/进度', '12 60% 正常｜滞后｜风险', '/progress', '12 60% normal|late|risk'],
    ['/延期', '12 时间 原因', '/extend', '12 time reason'],
    ['/升级', '12 原因', '/escalate', '12 reason'],
    ['/催办', '12', '/nudge', '12'],
    ['/交付', '12 说明', '/deliver', '12 note'],
    ['/验收', '12 通过｜驳回 原因', '/verify', '12 pass|reject reason'],
    ['/查看', '12', '/show', '12'],
    ['/为什么', '12', '/why', '12'],
    ['/我的', '我经手的协作单', '/mine', 'my requests'],
    ['/本部门', '本部门的协作单', '/department', 'requests of my department'],
    ['/备注', '12 内容', '/note', '12 text'],
    ['/暂停', '12 原因 到 时间', '/pause', '12 reason until time'],
    ['/恢复', '12', '/resume', '12'],
    ['/取消', '12 原因', '/cancel', '12 reason'],
    ['/重开', '12 原因', '/reopen', '12 reason'],
    ['/撤回', '12', '/undo', '12'],
    ['/关注', '12', '/follow', '12'],
    ['/套用策略', '类型（管理员）', '/apply', 'type (administrators)'],
    ['/请假', '到 时间 代理 @人', '/leave', 'until time delegate @person'],
    ['/帮助', '', '/help', ''],
  ];
  return rows.map(([zhWord, zhHint, enWord, enHint]) =>
    lang === 'zh' ? { command: zhWord, hint: zhHint } : { command: enWord, hint: enHint },
  );
}

export function examples(department: string): string[] {
  return lang === 'zh'
    ? [
        `/发起 新品推广页接口对接 给${department} 截止 明天18点 紧急 背景: 新品周五上线 现状: 接口还没有联调 影响: 推广页打不开`,
        '/发起',
        '/我的',
        '/帮助',
      ]
    : [
        `/raise Connect the launch page to the interface to ${department} due tomorrow 18:00 urgent`,
        '/raise',
        '/mine',
        '/help',
      ];
}

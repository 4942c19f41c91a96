#pragma once
// A small company on the fake platform: four departments with heads and liaisons, two vice presidents, a PMO.

#include <string>

#include "bot/core/rules.hpp"

namespace xieban::testing {

inline const AppId fake_app{"fake:main"};

/// market: 周市 zhou.market (liaison), 张市 zhang.market (head), 李雷 li.lei. tech: 赵技 zhao.tech and 孙工 sun.tech
/// (liaisons), 王技 wang.tech (head), 钱工 qian.tech. finance: 吴财 wu.finance (head), 郑财 zheng.finance (liaison). pmo: 潘督
/// pan.pmo. board: 陈总 chen.zong (leads), 李副总 li.fuzong (tech), 何副总 he.fuzong (market, finance), 高管 gao.admin
/// (administrator). User ids on the platform are the person ids. Office hours 9:00-12:00 and 13:30-18:00, Monday to Friday,
/// Shanghai.
RulesPtr company_rules(const Traits&, Lang = Lang::zh);

/// "2026-11-23 09:00" of Shanghai; with seconds if they are there. Throws std::invalid_argument.
TimePoint local(const std::string&);
/// "11-23 09:00".
std::string local_text(TimePoint);

}  // namespace xieban::testing

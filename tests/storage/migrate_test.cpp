#include "storage/sqlite/migrate.hpp"

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bot/core/rules.hpp"
#include "tests/storage/support.hpp"

namespace xieban::sqlite {
namespace {

using test::at;
using test::Folder;

const int create = SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE;

const std::vector<Migration> two{
    {1, "0001_a", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);"},
    {2, "0002_b", "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO b SELECT x + 1 FROM a; UPDATE a SET x = 10;"},
};
std::vector<Migration> first(std::size_t count) { return {two.begin(), two.begin() + static_cast<std::ptrdiff_t>(count)}; }
int number(SQLite::Database& db, const std::string& text) { return db.execAndGet(text).getInt(); }

TEST(Migrate, InOrderAndOnce) {
  SQLite::Database db(":memory:", create);
  ASSERT_TRUE(migrate(db, first(1), at(0)).has_value());
  EXPECT_EQ(*check_schema(db, two), 1U);
  ASSERT_TRUE(migrate(db, two, at(5)).has_value());
  ASSERT_TRUE(migrate(db, two, at(9)).has_value());
  EXPECT_EQ(number(db, "SELECT x FROM a"), 10);
  EXPECT_EQ(number(db, "SELECT x FROM b"), 2);
  EXPECT_EQ(number(db, "SELECT count(*) FROM migration"), 2);
  EXPECT_EQ(db.execAndGet("SELECT at FROM migration WHERE id = 2").getInt64(), at(5).time_since_epoch().count());
  EXPECT_EQ(*check_schema(db, two), 0U);
}
TEST(Migrate, ANewerSchemaIsRefusedWithoutChange) {
  SQLite::Database db(":memory:", create);
  ASSERT_TRUE(migrate(db, two, at(0)).has_value());
  const auto refused = migrate(db, first(1), at(1));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_NE(refused.error().text.find("schema 2"), std::string::npos);
  EXPECT_EQ(number(db, "SELECT count(*) FROM migration"), 2);
}
TEST(Migrate, AChangedMigrationIsRefused) {
  SQLite::Database db(":memory:", create);
  ASSERT_TRUE(migrate(db, first(1), at(0)).has_value());
  auto changed = two;
  changed[0].sql = "CREATE TABLE a (y INTEGER) STRICT;";
  const auto refused = migrate(db, changed, at(1));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_FALSE(db.tableExists("b"));
}
TEST(Migrate, ADatabaseOfAnotherProgramIsRefused) {
  SQLite::Database db(":memory:", create);
  db.exec("CREATE TABLE theirs (x)");
  const auto refused = migrate(db, two, at(0));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_FALSE(db.tableExists("migration"));
}
TEST(Migrate, AFailingMigrationLeavesNothingOfItself) {
  SQLite::Database db(":memory:", create);
  auto broken = two;
  broken[1].sql = "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO b VALUES ('text');";
  ASSERT_FALSE(migrate(db, broken, at(0)).has_value());
  EXPECT_TRUE(db.tableExists("a"));
  EXPECT_FALSE(db.tableExists("b"));
  ASSERT_TRUE(migrate(db, two, at(1)).has_value());
  EXPECT_EQ(number(db, "SELECT x FROM b"), 2);
}

// Killed in the n-th statement of the second migration, or just before its commit.
TEST(Migrate, KilledInTheMiddleItBeginsAgain) {
  for (int kill_at = 0; kill_at <= 200; kill_at += 4) {
    const Folder folder;
    {
      SQLite::Database db(folder.file().string(), create);
      ASSERT_TRUE(migrate(db, first(1), at(0)).has_value());
    }
    const auto child = ::fork();
    if (child == 0) {
      SQLite::Database db(folder.file().string(), create);
      static int steps_left = 0;
      steps_left = kill_at;
      sqlite3_progress_handler(
          db.getHandle(), 1, [](void*) { return steps_left-- <= 0 ? (::_exit(9), 0) : 0; }, nullptr);
      (void)migrate(db, two, at(1));
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    SQLite::Database db(folder.file().string(), create);
    if (*check_schema(db, two) == 1) {
      EXPECT_FALSE(db.tableExists("b"));
      EXPECT_EQ(number(db, "SELECT x FROM a"), 1);
    }
    ASSERT_TRUE(migrate(db, two, at(2)).has_value());
    EXPECT_EQ(number(db, "SELECT x FROM a"), 10);
    EXPECT_EQ(number(db, "SELECT x FROM b"), 2);
    EXPECT_EQ(number(db, "SELECT count(*) FROM b"), 1);
  }
}

TEST(Migrate, ShippedMigrationsAreNumberedAndNotEmpty) {
  int id = 0;
  for (const auto& migration : migrations()) {
    EXPECT_EQ(migration.id, ++id);
    EXPECT_FALSE(migration.sql.empty()) << migration.name;
  }
  EXPECT_GE(id, 1);
}

}  // namespace
}  // namespace xieban::sqlite

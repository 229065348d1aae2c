-- A database as the first build wrote it: sqlite3 gantry.db .dump, with the pragmas that a dump leaves out.
PRAGMA application_id = 1196315730;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE records (tbl text not null, key text not null, version integer not null, json text not null, primary key (tbl, key)) without rowid;
INSERT INTO records VALUES('control.high_water','high_water',1,'{"policy":1800000001000,"index":3}');
INSERT INTO records VALUES('control.policy_clock','clock',1,'{"real":1800000000000,"policy":1800000000000,"rate":1E0}');
INSERT INTO records VALUES('control.seeded','123456789012/ap-northeast-1/',1,'{"scope":"123456789012/ap-northeast-1/","done":["ec2.default_vpc"]}');
INSERT INTO records VALUES('retired.table','x',1,'{"what":"this build no longer knows"}');
CREATE TABLE meta (one integer primary key check (one = 1), sequence integer not null);
INSERT INTO meta VALUES(1,7);
COMMIT;

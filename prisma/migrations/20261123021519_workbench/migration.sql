-- AlterTable
ALTER TABLE "Office" ADD COLUMN     "region" TEXT,
ADD COLUMN     "timeZone" TEXT;

-- The file first: who has one is asked of all PCs at once, and what one PC got last of its own index. As many indexes to write as before.
DROP INDEX "Delivery_folderId_seq_idx";
ALTER TABLE "Delivery" DROP CONSTRAINT "Delivery_pkey",
ADD CONSTRAINT "Delivery_pkey" PRIMARY KEY ("folderId", "seq", "agentId");
CREATE INDEX "Delivery_agentId_at_idx" ON "Delivery"("agentId", "at");

-- CreateTable
CREATE TABLE "UserState" (
    "userId" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "UserState_pkey" PRIMARY KEY ("userId","key")
);

-- CreateTable
CREATE TABLE "AgentFolder" (
    "folderId" TEXT NOT NULL,
    "agentId" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "seq" BIGINT NOT NULL,
    "link" TEXT NOT NULL,
    "filesTotal" BIGINT NOT NULL,
    "filesDone" BIGINT NOT NULL,
    "bytesTotal" BIGINT NOT NULL,
    "bytesDone" BIGINT NOT NULL,
    "since" TIMESTAMP(3),

    CONSTRAINT "AgentFolder_pkey" PRIMARY KEY ("folderId","agentId")
);

-- CreateTable
CREATE TABLE "OfficeTraffic" (
    "officeId" TEXT NOT NULL,
    "stepMinutes" INTEGER NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "fromPeers" BIGINT NOT NULL,
    "fromOrigin" BIGINT NOT NULL,
    "fromLocal" BIGINT NOT NULL,
    "served" BIGINT NOT NULL,
    "wasted" BIGINT NOT NULL,

    CONSTRAINT "OfficeTraffic_pkey" PRIMARY KEY ("stepMinutes","officeId","at")
);

-- CreateTable
CREATE TABLE "OfficeFile" (
    "folderId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "officeId" TEXT NOT NULL,
    "agents" INTEGER NOT NULL,
    "fromPeers" BIGINT NOT NULL,
    "fromOrigin" BIGINT NOT NULL,
    "fromLocal" BIGINT NOT NULL,
    "firstAt" TIMESTAMP(3) NOT NULL,
    "lastAt" TIMESTAMP(3) NOT NULL,
    "tookMsMax" INTEGER NOT NULL,

    CONSTRAINT "OfficeFile_pkey" PRIMARY KEY ("folderId","seq","officeId")
);

-- CreateTable
CREATE TABLE "OfficeDelivered" (
    "officeId" TEXT NOT NULL,
    "stepMinutes" INTEGER NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "files" INTEGER NOT NULL,
    "fromPeers" BIGINT NOT NULL,
    "fromOrigin" BIGINT NOT NULL,
    "fromLocal" BIGINT NOT NULL,

    CONSTRAINT "OfficeDelivered_pkey" PRIMARY KEY ("stepMinutes","officeId","at")
);

-- CreateTable
CREATE TABLE "OfficeCensus" (
    "officeId" TEXT NOT NULL,
    "stepMinutes" INTEGER NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "agents" INTEGER NOT NULL,
    "online" INTEGER NOT NULL,

    CONSTRAINT "OfficeCensus_pkey" PRIMARY KEY ("stepMinutes","officeId","at")
);

-- CreateTable
CREATE TABLE "VersionCensus" (
    "at" TIMESTAMP(3) NOT NULL,
    "version" TEXT NOT NULL,
    "agents" INTEGER NOT NULL,
    "online" INTEGER NOT NULL,

    CONSTRAINT "VersionCensus_pkey" PRIMARY KEY ("at","version")
);

-- CreateIndex
CREATE INDEX "AgentFolder_agentId_idx" ON "AgentFolder"("agentId");

-- CreateIndex
CREATE INDEX "OfficeTraffic_stepMinutes_at_idx" ON "OfficeTraffic"("stepMinutes", "at");

-- CreateIndex
CREATE INDEX "OfficeFile_lastAt_idx" ON "OfficeFile"("lastAt");

-- CreateIndex
CREATE INDEX "OfficeFile_officeId_lastAt_idx" ON "OfficeFile"("officeId", "lastAt");

-- CreateIndex
CREATE INDEX "OfficeFile_folderId_lastAt_idx" ON "OfficeFile"("folderId", "lastAt");

-- CreateIndex
CREATE INDEX "OfficeDelivered_stepMinutes_at_idx" ON "OfficeDelivered"("stepMinutes", "at");

-- CreateIndex
CREATE INDEX "OfficeCensus_stepMinutes_at_idx" ON "OfficeCensus"("stepMinutes", "at");

-- CreateIndex
CREATE INDEX "Entry_path_idx" ON "Entry" USING HASH ("path");

-- AddForeignKey
ALTER TABLE "AgentFolder" ADD CONSTRAINT "AgentFolder_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "UserState" ADD CONSTRAINT "UserState_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Paths are compared byte by byte, whatever the database's own order is: directories are read by skipping from name to name, and a directory's paths
-- stand together in no other order.
ALTER TABLE "FileVersion" ALTER COLUMN "path" TYPE TEXT COLLATE "C";

-- What a file's name begins with. In this collation lower() touches A to Z only; the search tries both cases of other letters.
CREATE INDEX "FileVersion_name_idx" ON "FileVersion" (lower(split_part("path", '/', -1)));

-- What contains a word: trigrams. The embedded server has them; elsewhere the extension may be missing or not permitted, and search then finds what
-- begins with a word only.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX "FileVersion_name_trigrams_idx" ON "FileVersion" USING gin (lower(split_part("path", '/', -1)) gin_trgm_ops);
  END IF;
EXCEPTION WHEN insufficient_privilege OR undefined_object OR undefined_file THEN
  RAISE NOTICE 'pg_trgm is not permitted here: file names are found by how they begin';
END
$$;

-- Room for a folder's next report beside its present one: nothing that changes is in an index, so no index is written.
ALTER TABLE "AgentFolder" SET (fillfactor = 80);

-- What agents report of each folder, as columns. A document that says the same changes nothing here; one that names a folder twice counts once, and
-- rows are ordered so that two writers wait for each other instead of locking each other out.
CREATE FUNCTION harp_keep_agent_folders() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(f."id") INTO changed FROM fresh f WHERE f."reported" IS NOT NULL;
  ELSE
    SELECT array_agg(f."id") INTO changed FROM fresh f JOIN stale s USING ("id") WHERE f."reported" IS DISTINCT FROM s."reported";
  END IF;
  IF changed IS NULL THEN
    RETURN NULL;
  END IF;
  DELETE FROM "AgentFolder" k USING unnest(changed) c JOIN fresh f ON f."id" = c
  WHERE k."agentId" = f."id"
    AND NOT coalesce(f."reported"->'folders', '[]') @> jsonb_build_array(jsonb_build_object('id', k."folderId"));
  INSERT INTO "AgentFolder" AS kept
    ("folderId", "agentId", "state", "reason", "seq", "link", "filesTotal", "filesDone", "bytesTotal", "bytesDone", "since")
  SELECT DISTINCT ON (r."id", f."id") r."id", f."id", coalesce(r."state", ''), r."reason", coalesce(r."seq", 0), coalesce(r."link", ''),
    coalesce(r."filesTotal", 0), coalesce(r."filesDone", 0), coalesce(r."bytesTotal", 0), coalesce(r."bytesDone", 0), f."reportedAt"
  FROM unnest(changed) c JOIN fresh f ON f."id" = c, jsonb_to_recordset(f."reported"->'folders') AS r("id" text, "state" text, "reason" text,
    "seq" bigint, "link" text, "filesTotal" bigint, "filesDone" bigint, "bytesTotal" bigint, "bytesDone" bigint)
  WHERE r."id" IS NOT NULL ORDER BY 1, 2
  ON CONFLICT ("folderId", "agentId") DO UPDATE SET
    "state" = excluded."state", "reason" = excluded."reason", "seq" = excluded."seq", "link" = excluded."link",
    "filesTotal" = excluded."filesTotal", "filesDone" = excluded."filesDone",
    "bytesTotal" = excluded."bytesTotal", "bytesDone" = excluded."bytesDone",
    "since" = CASE WHEN (kept."state", kept."reason") IS NOT DISTINCT FROM (excluded."state", excluded."reason")
      THEN kept."since" ELSE excluded."since" END
  WHERE (kept."state", kept."reason", kept."seq", kept."link", kept."filesTotal", kept."filesDone", kept."bytesTotal", kept."bytesDone")
    IS DISTINCT FROM
    (excluded."state", excluded."reason", excluded."seq", excluded."link", excluded."filesTotal", excluded."filesDone",
      excluded."bytesTotal", excluded."bytesDone");
  RETURN NULL;
END
$$;

CREATE TRIGGER "Agent_folders_of_new" AFTER INSERT ON "Agent"
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION harp_keep_agent_folders();

CREATE TRIGGER "Agent_folders" AFTER UPDATE ON "Agent"
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION harp_keep_agent_folders();

-- What the list of problems looks for among a day's events. Other kinds are a thousand times as many and write nothing here.
CREATE INDEX "AgentEvent_alarm_idx" ON "AgentEvent" ("at") WHERE "kind" IN ('chain.rejected', 'peer.distrusted');

-- Deliveries are summed by office as they are stored: exact, because a replayed report inserts nothing a second time. Rows are ordered so that two
-- writers wait for each other instead of locking each other out. Sums stop at 2^53 - 1, the last whole number that is exact in JSON: what one agent claims
-- must not fail the batch it came with, nor a roll-up, nor the pages that show it.
CREATE FUNCTION harp_sum_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "OfficeFile" AS kept
    ("folderId", "seq", "officeId", "agents", "fromPeers", "fromOrigin", "fromLocal", "firstAt", "lastAt", "tookMsMax")
  SELECT d."folderId", d."seq", a."officeId", count(*), least(sum(d."fromPeers"), 9007199254740991), least(sum(d."fromOrigin"), 9007199254740991), least(sum(d."fromLocal"), 9007199254740991),
    min(d."at"), max(d."at"), max(d."tookMs")
  FROM fresh d JOIN "Agent" a ON a."id" = d."agentId"
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT ("folderId", "seq", "officeId") DO UPDATE SET
    "agents" = kept."agents" + excluded."agents",
    "fromPeers" = least(kept."fromPeers" + excluded."fromPeers", 9007199254740991),
    "fromOrigin" = least(kept."fromOrigin" + excluded."fromOrigin", 9007199254740991),
    "fromLocal" = least(kept."fromLocal" + excluded."fromLocal", 9007199254740991),
    "firstAt" = least(kept."firstAt", excluded."firstAt"),
    "lastAt" = greatest(kept."lastAt", excluded."lastAt"),
    "tookMsMax" = greatest(kept."tookMsMax", excluded."tookMsMax");
  INSERT INTO "OfficeDelivered" AS kept
    ("officeId", "stepMinutes", "at", "files", "fromPeers", "fromOrigin", "fromLocal")
  SELECT a."officeId", step.minutes, date_trunc(step.name, d."at"), count(*), least(sum(d."fromPeers"), 9007199254740991), least(sum(d."fromOrigin"), 9007199254740991), least(sum(d."fromLocal"), 9007199254740991)
  FROM fresh d JOIN "Agent" a ON a."id" = d."agentId" CROSS JOIN (VALUES (1, 'minute'), (60, 'hour'), (1440, 'day')) AS step(minutes, name)
  GROUP BY 1, 2, 3 ORDER BY 2, 1, 3
  ON CONFLICT ("stepMinutes", "officeId", "at") DO UPDATE SET
    "files" = kept."files" + excluded."files",
    "fromPeers" = least(kept."fromPeers" + excluded."fromPeers", 9007199254740991),
    "fromOrigin" = least(kept."fromOrigin" + excluded."fromOrigin", 9007199254740991),
    "fromLocal" = least(kept."fromLocal" + excluded."fromLocal", 9007199254740991);
  RETURN NULL;
END
$$;

-- Samples are summed by office and minute as they are stored, for the same reasons. Charts are drawn from these sums: a fleet that moves has a thousand
-- samples a second, which nobody could add up while somebody waits.
CREATE FUNCTION harp_sum_samples() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "OfficeTraffic" AS kept
    ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
  SELECT coalesce(s."officeId", ''), 1, s.minute, least(sum(s."fromPeers"), 9007199254740991), least(sum(s."fromOrigin"), 9007199254740991), least(sum(s."fromLocal"), 9007199254740991), least(sum(s."served"), 9007199254740991), least(sum(s."wasted"), 9007199254740991)
  FROM (SELECT a."officeId", date_trunc('minute', f."at") AS minute, f.* FROM fresh f JOIN "Agent" a ON a."id" = f."agentId") s
  GROUP BY GROUPING SETS ((s."officeId", s.minute), (s.minute)) ORDER BY 1, 3
  ON CONFLICT ("stepMinutes", "officeId", "at") DO UPDATE SET
    "fromPeers" = least(kept."fromPeers" + excluded."fromPeers", 9007199254740991),
    "fromOrigin" = least(kept."fromOrigin" + excluded."fromOrigin", 9007199254740991),
    "fromLocal" = least(kept."fromLocal" + excluded."fromLocal", 9007199254740991),
    "served" = least(kept."served" + excluded."served", 9007199254740991),
    "wasted" = least(kept."wasted" + excluded."wasted", 9007199254740991);
  RETURN NULL;
END
$$;

CREATE TRIGGER "Sample_sum" AFTER INSERT ON "Sample"
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION harp_sum_samples();

CREATE TRIGGER "Delivery_sum" AFTER INSERT ON "Delivery"
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION harp_sum_deliveries();

-- What is there already; nothing on an empty database.
INSERT INTO "AgentFolder"
  ("folderId", "agentId", "state", "reason", "seq", "link", "filesTotal", "filesDone", "bytesTotal", "bytesDone", "since")
SELECT DISTINCT ON (r."id", a."id") r."id", a."id", r."state", r."reason", r."seq", r."link", r."filesTotal", r."filesDone", r."bytesTotal",
  r."bytesDone", a."reportedAt"
FROM "Agent" a, jsonb_to_recordset(a."reported"->'folders') AS r("id" text, "state" text, "reason" text, "seq" bigint, "link" text,
  "filesTotal" bigint, "filesDone" bigint, "bytesTotal" bigint, "bytesDone" bigint);

INSERT INTO "OfficeFile" ("folderId", "seq", "officeId", "agents", "fromPeers", "fromOrigin", "fromLocal", "firstAt", "lastAt", "tookMsMax")
SELECT d."folderId", d."seq", a."officeId", count(*), least(sum(d."fromPeers"), 9007199254740991), least(sum(d."fromOrigin"), 9007199254740991), least(sum(d."fromLocal"), 9007199254740991),
  min(d."at"), max(d."at"), max(d."tookMs")
FROM "Delivery" d JOIN "Agent" a ON a."id" = d."agentId" GROUP BY 1, 2, 3;

INSERT INTO "OfficeDelivered" ("officeId", "stepMinutes", "at", "files", "fromPeers", "fromOrigin", "fromLocal")
SELECT a."officeId", step.minutes, date_trunc(step.name, d."at"), count(*), least(sum(d."fromPeers"), 9007199254740991), least(sum(d."fromOrigin"), 9007199254740991), least(sum(d."fromLocal"), 9007199254740991)
FROM "Delivery" d JOIN "Agent" a ON a."id" = d."agentId" CROSS JOIN (VALUES (1, 'minute'), (60, 'hour'), (1440, 'day')) AS step(minutes, name)
GROUP BY 1, 2, 3;

-- Minutes that the last run of the slow roll-up saw are whole; what came after stands in the samples.
CREATE TEMPORARY TABLE rolled_up ON COMMIT DROP AS
SELECT coalesce((SELECT date_trunc('day', "at" - interval '26 hours') FROM "RollupMark" WHERE "name" = 'minute'), '-infinity') AS "at";

INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
SELECT a."officeId", 1, s.minute, least(sum(s."fromPeers"), 9007199254740991), least(sum(s."fromOrigin"), 9007199254740991), least(sum(s."fromLocal"), 9007199254740991), least(sum(s."served"), 9007199254740991), least(sum(s."wasted"), 9007199254740991)
FROM (
  SELECT "agentId", "at" AS minute, "fromPeers", "fromOrigin", "fromLocal", "served", "wasted" FROM "SampleMinute"
  WHERE "at" < (SELECT "at" FROM rolled_up)
  UNION ALL
  SELECT "agentId", date_trunc('minute', "at"), "fromPeers", "fromOrigin", "fromLocal", "served", "wasted" FROM "Sample"
  WHERE "at" >= (SELECT "at" FROM rolled_up)
) s JOIN "Agent" a ON a."id" = s."agentId" GROUP BY 1, 3;

INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
SELECT s."officeId", step.minutes, date_bin(make_interval(mins => step.minutes), s."at", 'epoch'),
  least(sum(s."fromPeers"), 9007199254740991), least(sum(s."fromOrigin"), 9007199254740991), least(sum(s."fromLocal"), 9007199254740991), least(sum(s."served"), 9007199254740991), least(sum(s."wasted"), 9007199254740991)
FROM "OfficeTraffic" s CROSS JOIN (VALUES (5), (60)) AS step(minutes)
GROUP BY 1, 2, 3;

-- Older than the minutes that are still kept.
INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
SELECT a."officeId", 60, s."at", least(sum(s."fromPeers"), 9007199254740991), least(sum(s."fromOrigin"), 9007199254740991), least(sum(s."fromLocal"), 9007199254740991), least(sum(s."served"), 9007199254740991), least(sum(s."wasted"), 9007199254740991)
FROM "SampleHour" s JOIN "Agent" a ON a."id" = s."agentId" GROUP BY 1, 2, 3
ON CONFLICT DO NOTHING;

INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
SELECT s."officeId", step.minutes, date_bin(make_interval(mins => step.minutes), s."at", 'epoch'),
  least(sum(s."fromPeers"), 9007199254740991), least(sum(s."fromOrigin"), 9007199254740991), least(sum(s."fromLocal"), 9007199254740991), least(sum(s."served"), 9007199254740991), least(sum(s."wasted"), 9007199254740991)
FROM "OfficeTraffic" s CROSS JOIN (VALUES (360), (1440)) AS step(minutes) WHERE s."stepMinutes" = 60
GROUP BY 1, 2, 3;

-- The whole fleet stands as the office without a name.
INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
SELECT '', "stepMinutes", "at", least(sum("fromPeers"), 9007199254740991), least(sum("fromOrigin"), 9007199254740991), least(sum("fromLocal"), 9007199254740991), least(sum("served"), 9007199254740991), least(sum("wasted"), 9007199254740991)
FROM "OfficeTraffic" GROUP BY 2, 3;

INSERT INTO "RollupMark" ("name", "at") SELECT 'office', "at" FROM "RollupMark" WHERE "name" = 'minute';

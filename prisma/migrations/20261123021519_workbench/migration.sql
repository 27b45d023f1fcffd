-- AlterTable
ALTER TABLE "Office" ADD COLUMN     "region" TEXT,
ADD COLUMN     "timeZone" TEXT;

-- CreateTable
CREATE TABLE "UserState" (
    "userId" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "UserState_pkey" PRIMARY KEY ("userId","key")
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
    "at" TIMESTAMP(3) NOT NULL,
    "agents" INTEGER NOT NULL,
    "online" INTEGER NOT NULL,

    CONSTRAINT "OfficeCensus_pkey" PRIMARY KEY ("officeId","at")
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
CREATE INDEX "OfficeCensus_at_idx" ON "OfficeCensus"("at");

-- CreateIndex
CREATE INDEX "Entry_path_idx" ON "Entry" USING HASH ("path");

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

-- Deliveries are summed by office as they are stored: exact, because a replayed report inserts nothing a second time. Rows are ordered so that two
-- writers wait for each other instead of locking each other out.
CREATE FUNCTION harp_sum_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "OfficeFile" AS kept
    ("folderId", "seq", "officeId", "agents", "fromPeers", "fromOrigin", "fromLocal", "firstAt", "lastAt", "tookMsMax")
  SELECT d."folderId", d."seq", a."officeId", count(*), sum(d."fromPeers"), sum(d."fromOrigin"), sum(d."fromLocal"),
    min(d."at"), max(d."at"), max(d."tookMs")
  FROM fresh d JOIN "Agent" a ON a."id" = d."agentId"
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT ("folderId", "seq", "officeId") DO UPDATE SET
    "agents" = kept."agents" + excluded."agents",
    "fromPeers" = kept."fromPeers" + excluded."fromPeers",
    "fromOrigin" = kept."fromOrigin" + excluded."fromOrigin",
    "fromLocal" = kept."fromLocal" + excluded."fromLocal",
    "firstAt" = least(kept."firstAt", excluded."firstAt"),
    "lastAt" = greatest(kept."lastAt", excluded."lastAt"),
    "tookMsMax" = greatest(kept."tookMsMax", excluded."tookMsMax");
  INSERT INTO "OfficeDelivered" AS kept
    ("officeId", "stepMinutes", "at", "files", "fromPeers", "fromOrigin", "fromLocal")
  SELECT a."officeId", step.minutes, date_trunc(step.name, d."at"), count(*), sum(d."fromPeers"), sum(d."fromOrigin"), sum(d."fromLocal")
  FROM fresh d JOIN "Agent" a ON a."id" = d."agentId" CROSS JOIN (VALUES (1, 'minute'), (60, 'hour')) AS step(minutes, name)
  GROUP BY 1, 2, 3 ORDER BY 2, 1, 3
  ON CONFLICT ("stepMinutes", "officeId", "at") DO UPDATE SET
    "files" = kept."files" + excluded."files",
    "fromPeers" = kept."fromPeers" + excluded."fromPeers",
    "fromOrigin" = kept."fromOrigin" + excluded."fromOrigin",
    "fromLocal" = kept."fromLocal" + excluded."fromLocal";
  RETURN NULL;
END
$$;

CREATE TRIGGER "Delivery_sum" AFTER INSERT ON "Delivery"
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION harp_sum_deliveries();

-- What is there already; nothing on an empty database.
INSERT INTO "OfficeFile" ("folderId", "seq", "officeId", "agents", "fromPeers", "fromOrigin", "fromLocal", "firstAt", "lastAt", "tookMsMax")
SELECT d."folderId", d."seq", a."officeId", count(*), sum(d."fromPeers"), sum(d."fromOrigin"), sum(d."fromLocal"),
  min(d."at"), max(d."at"), max(d."tookMs")
FROM "Delivery" d JOIN "Agent" a ON a."id" = d."agentId" GROUP BY 1, 2, 3;

INSERT INTO "OfficeDelivered" ("officeId", "stepMinutes", "at", "files", "fromPeers", "fromOrigin", "fromLocal")
SELECT a."officeId", step.minutes, date_trunc(step.name, d."at"), count(*), sum(d."fromPeers"), sum(d."fromOrigin"), sum(d."fromLocal")
FROM "Delivery" d JOIN "Agent" a ON a."id" = d."agentId" CROSS JOIN (VALUES (1, 'minute'), (60, 'hour')) AS step(minutes, name)
GROUP BY 1, 2, 3;

INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
SELECT a."officeId", step.minutes, to_timestamp(floor(extract(epoch FROM s."at") / 60 / step.minutes) * 60 * step.minutes) AT TIME ZONE 'UTC',
  sum(s."fromPeers"), sum(s."fromOrigin"), sum(s."fromLocal"), sum(s."served"), sum(s."wasted")
FROM "SampleMinute" s JOIN "Agent" a ON a."id" = s."agentId" CROSS JOIN (VALUES (1), (5), (60)) AS step(minutes)
GROUP BY 1, 2, 3;

-- Older than the minutes that are still kept.
INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
SELECT a."officeId", 60, s."at", sum(s."fromPeers"), sum(s."fromOrigin"), sum(s."fromLocal"), sum(s."served"), sum(s."wasted")
FROM "SampleHour" s JOIN "Agent" a ON a."id" = s."agentId" GROUP BY 1, 2, 3
ON CONFLICT DO NOTHING;

-- The whole fleet stands as the office without a name.
INSERT INTO "OfficeTraffic" ("officeId", "stepMinutes", "at", "fromPeers", "fromOrigin", "fromLocal", "served", "wasted")
SELECT '', "stepMinutes", "at", sum("fromPeers"), sum("fromOrigin"), sum("fromLocal"), sum("served"), sum("wasted")
FROM "OfficeTraffic" GROUP BY 2, 3;

INSERT INTO "RollupMark" ("name", "at") SELECT 'office', "at" FROM "RollupMark" WHERE "name" = 'minute';

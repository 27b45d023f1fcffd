-- CreateTable
CREATE TABLE "AuditEntry" (
    "seq" INTEGER NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "actorKind" TEXT NOT NULL,
    "actorId" TEXT,
    "actorName" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "objectKind" TEXT NOT NULL,
    "objectId" TEXT NOT NULL,
    "objectName" TEXT NOT NULL,
    "officeId" TEXT,
    "requestId" TEXT,
    "body" TEXT NOT NULL,
    "link" TEXT NOT NULL,

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "AuditHead" (
    "seq" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "signature" TEXT NOT NULL,

    CONSTRAINT "AuditHead_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "AuditState" (
    "id" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "link" TEXT NOT NULL,
    "signedSeq" INTEGER NOT NULL,

    CONSTRAINT "AuditState_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "AuditEntry_at_idx" ON "AuditEntry"("at");

-- CreateIndex
CREATE INDEX "AuditEntry_actorName_seq_idx" ON "AuditEntry"("actorName", "seq");

-- CreateIndex
CREATE INDEX "AuditEntry_objectId_seq_idx" ON "AuditEntry"("objectId", "seq");

-- CreateIndex
CREATE INDEX "AuditEntry_action_seq_idx" ON "AuditEntry"("action", "seq");

-- CreateIndex
CREATE INDEX "AuditEntry_requestId_idx" ON "AuditEntry"("requestId");

-- The link before the first entry.
INSERT INTO "AuditState" ("id", "seq", "link", "signedSeq") VALUES (1, 0, repeat('0', 64), 0);

-- A slip of ours must not cost an entry. Who owns the database can take the triggers away; the chain and the signed heads are for that.
CREATE FUNCTION harp_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is only ever added to (% on %)', TG_OP, TG_TABLE_NAME;
END
$$;

CREATE TRIGGER "AuditEntry_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "AuditEntry"
  FOR EACH STATEMENT EXECUTE FUNCTION harp_refuse_audit_change();

CREATE TRIGGER "AuditHead_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "AuditHead"
  FOR EACH STATEMENT EXECUTE FUNCTION harp_refuse_audit_change();

-- PCs that ask to be let in, who is let in without asking, and who is not. What is there keeps its meaning: tokens of before approve by themselves, from everywhere.
-- AlterTable
ALTER TABLE "Agent" ADD COLUMN     "address" TEXT,
ADD COLUMN     "domain" TEXT,
ADD COLUMN     "hardwareId" TEXT,
ADD COLUMN     "officeBy" TEXT NOT NULL DEFAULT 'token',
ADD COLUMN     "replacedById" TEXT,
ADD COLUMN     "serial" TEXT,
ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "tokenId" TEXT,
ADD COLUMN     "userName" TEXT;

-- AlterTable
ALTER TABLE "EnrolmentToken" DROP CONSTRAINT "EnrolmentToken_officeId_fkey";
ALTER TABLE "EnrolmentToken" ADD COLUMN     "approval" TEXT NOT NULL DEFAULT 'automatic',
ADD COLUMN     "cidrs" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "expected" INTEGER,
ADD COLUMN     "name" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
ALTER COLUMN "officeId" DROP NOT NULL;
ALTER TABLE "EnrolmentToken" ADD CONSTRAINT "EnrolmentToken_officeId_fkey" FOREIGN KEY ("officeId") REFERENCES "Office"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- CreateTable
CREATE TABLE "EnrolmentRequest" (
    "id" TEXT NOT NULL,
    "agentId" TEXT NOT NULL,
    "csr" TEXT NOT NULL,
    "hostname" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "hardwareId" TEXT,
    "serial" TEXT,
    "userName" TEXT,
    "domain" TEXT,
    "addresses" TEXT[],
    "seenAddress" TEXT NOT NULL,
    "via" TEXT NOT NULL,
    "tokenId" TEXT,
    "state" TEXT NOT NULL,
    "cause" TEXT,
    "officeId" TEXT,
    "officeBy" TEXT NOT NULL DEFAULT 'none',
    "officeWhy" TEXT,
    "ruleId" TEXT,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "duplicateOf" TEXT,
    "ticketHash" TEXT NOT NULL,
    "proofMessage" TEXT,
    "proofAnswer" TEXT,
    "proofConfirm" TEXT,
    "proofExpected" TEXT,
    "decidedBy" TEXT,
    "decidedAt" TIMESTAMP(3),
    "effectiveAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastSeenAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "EnrolmentRequest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "EnrolmentRule" (
    "id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "tokenId" TEXT,
    "cidrs" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "hostname" TEXT,
    "domain" TEXT,
    "officeId" TEXT,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "cap" INTEGER,
    "perMinute" INTEGER NOT NULL DEFAULT 20,
    "used" INTEGER NOT NULL DEFAULT 0,
    "validFrom" TIMESTAMP(3),
    "validUntil" TIMESTAMP(3),
    "pausedAt" TIMESTAMP(3),
    "pausedCause" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "EnrolmentRule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "EnrolmentBlock" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "hostname" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "EnrolmentBlock_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditOutbox" (
    "id" BIGSERIAL NOT NULL,
    "change" JSONB NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "AuditOutbox_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "EnrolmentRequest_agentId_key" ON "EnrolmentRequest"("agentId");

-- CreateIndex
CREATE INDEX "EnrolmentRequest_state_createdAt_idx" ON "EnrolmentRequest"("state", "createdAt");

-- CreateIndex
CREATE INDEX "EnrolmentRequest_tokenId_idx" ON "EnrolmentRequest"("tokenId");

-- CreateIndex
CREATE UNIQUE INDEX "EnrolmentBlock_kind_value_key" ON "EnrolmentBlock"("kind", "value");

-- CreateIndex
CREATE INDEX "Agent_hardwareId_idx" ON "Agent"("hardwareId");

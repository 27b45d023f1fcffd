-- Roles get a scope, so they move from the user to rows of their own. Whoever was there was an administrator or had been given another role by name.
-- CreateTable
CREATE TABLE "Grant" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "everywhere" BOOLEAN NOT NULL,
    "regions" TEXT[],
    "officeIds" TEXT[],

    CONSTRAINT "Grant_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Grant_userId_idx" ON "Grant"("userId");

-- AddForeignKey
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

INSERT INTO "Grant" ("id", "userId", "role", "everywhere", "regions", "officeIds")
SELECT 'grt-' || "id", "id", CASE "role" WHEN 'admin' THEN 'owner' ELSE "role" END, true, '{}', '{}' FROM "User";

-- AlterTable
ALTER TABLE "User" DROP COLUMN "role";

-- CreateTable
CREATE TABLE "Invitation" (
    "userId" TEXT NOT NULL,
    "secretHash" TEXT NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Invitation_pkey" PRIMARY KEY ("userId")
);

-- CreateIndex
CREATE UNIQUE INDEX "Invitation_secretHash_key" ON "Invitation"("secretHash");

-- AddForeignKey
ALTER TABLE "Invitation" ADD CONSTRAINT "Invitation_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Sessions that are open stay open.
-- AlterTable
ALTER TABLE "Session" ADD COLUMN "address" TEXT NOT NULL DEFAULT '',
ADD COLUMN "userAgent" TEXT NOT NULL DEFAULT '',
ADD COLUMN "id" TEXT;
UPDATE "Session" SET "id" = 'ses-' || substr(encode(sha256(convert_to("tokenHash", 'UTF8')), 'hex'), 1, 16);
ALTER TABLE "Session" ALTER COLUMN "id" SET NOT NULL;

-- CreateIndex
CREATE UNIQUE INDEX "Session_id_key" ON "Session"("id");

-- CreateIndex
CREATE INDEX "Session_userId_idx" ON "Session"("userId");

-- Keys that were made before could do everything, and nobody knows whose they are.
-- AlterTable
ALTER TABLE "ApiKey" ADD COLUMN "actions" TEXT[],
ADD COLUMN "everywhere" BOOLEAN,
ADD COLUMN "expiresAt" TIMESTAMP(3),
ADD COLUMN "lastUsedAt" TIMESTAMP(3),
ADD COLUMN "officeIds" TEXT[],
ADD COLUMN "regions" TEXT[],
ADD COLUMN "userId" TEXT;
UPDATE "ApiKey" SET "actions" = '{*}', "everywhere" = true, "regions" = '{}', "officeIds" = '{}';
ALTER TABLE "ApiKey" ALTER COLUMN "everywhere" SET NOT NULL;

-- CreateIndex
CREATE INDEX "ApiKey_userId_idx" ON "ApiKey"("userId");

-- AddForeignKey
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

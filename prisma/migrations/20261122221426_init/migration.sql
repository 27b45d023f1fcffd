-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "passwordHash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Session" (
    "tokenHash" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Session_pkey" PRIMARY KEY ("tokenHash")
);

-- CreateTable
CREATE TABLE "ApiKey" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "keyHash" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revokedAt" TIMESTAMP(3),

    CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Setting" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,

    CONSTRAINT "Setting_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "Nextcloud" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "userName" TEXT NOT NULL,
    "passwordSealed" TEXT NOT NULL,
    "caPem" TEXT,
    "davUser" TEXT,
    "version" TEXT,
    "errorCode" TEXT,
    "errorDetail" TEXT,
    "checkedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Nextcloud_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Folder" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nextcloudId" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seq" INTEGER NOT NULL DEFAULT 0,
    "link" TEXT NOT NULL,
    "snapshotSeq" INTEGER,
    "rootEtag" TEXT,
    "indexedAt" TIMESTAMP(3),
    "errorCode" TEXT,
    "errorDetail" TEXT,
    "fileCount" INTEGER NOT NULL DEFAULT 0,
    "byteCount" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "Folder_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FolderOffice" (
    "folderId" TEXT NOT NULL,
    "officeId" TEXT NOT NULL,
    "shareId" TEXT,
    "tokenSealed" TEXT,
    "passwordSealed" TEXT,
    "dialect" TEXT,
    "errorCode" TEXT,
    "errorDetail" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "FolderOffice_pkey" PRIMARY KEY ("folderId","officeId")
);

-- CreateTable
CREATE TABLE "HeadRow" (
    "folderId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "HeadRow_pkey" PRIMARY KEY ("folderId")
);

-- CreateTable
CREATE TABLE "Entry" (
    "folderId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "body" TEXT NOT NULL,
    "link" TEXT NOT NULL,
    "path" TEXT NOT NULL,

    CONSTRAINT "Entry_pkey" PRIMARY KEY ("folderId","seq")
);

-- CreateTable
CREATE TABLE "SegmentRow" (
    "folderId" TEXT NOT NULL,
    "fromSeq" INTEGER NOT NULL,
    "toSeq" INTEGER NOT NULL,
    "previous" TEXT NOT NULL,
    "link" TEXT NOT NULL,
    "blobId" TEXT NOT NULL,

    CONSTRAINT "SegmentRow_pkey" PRIMARY KEY ("folderId","fromSeq")
);

-- CreateTable
CREATE TABLE "FileVersion" (
    "folderId" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "fileId" TEXT NOT NULL,
    "etag" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "mtimeMs" BIGINT NOT NULL,
    "manifestId" TEXT NOT NULL,
    "chunkId" TEXT,
    "seq" INTEGER NOT NULL,

    CONSTRAINT "FileVersion_pkey" PRIMARY KEY ("folderId","path")
);

-- CreateTable
CREATE TABLE "DirectoryMark" (
    "folderId" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "etag" TEXT NOT NULL,

    CONSTRAINT "DirectoryMark_pkey" PRIMARY KEY ("folderId","path")
);

-- CreateTable
CREATE TABLE "Blob" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "bytes" BYTEA NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Blob_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FolderBlob" (
    "folderId" TEXT NOT NULL,
    "blobId" TEXT NOT NULL,

    CONSTRAINT "FolderBlob_pkey" PRIMARY KEY ("folderId","blobId")
);

-- CreateTable
CREATE TABLE "IndexProgress" (
    "folderId" TEXT NOT NULL,
    "fileId" TEXT NOT NULL,
    "etag" TEXT NOT NULL,
    "offset" BIGINT NOT NULL,
    "chunks" BYTEA NOT NULL,

    CONSTRAINT "IndexProgress_pkey" PRIMARY KEY ("folderId","fileId")
);

-- CreateTable
CREATE TABLE "IndexProblem" (
    "folderId" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "IndexProblem_pkey" PRIMARY KEY ("folderId","path")
);

-- CreateTable
CREATE TABLE "Office" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "subnets" TEXT[],
    "policy" JSONB,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Office_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Agent" (
    "id" TEXT NOT NULL,
    "officeId" TEXT NOT NULL,
    "hostname" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "enrolledAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "certificateSerial" TEXT NOT NULL,
    "certificateEndsAt" TIMESTAMP(3) NOT NULL,
    "revokedAt" TIMESTAMP(3),
    "online" BOOLEAN NOT NULL DEFAULT false,
    "lastSeenAt" TIMESTAMP(3),
    "reported" JSONB,
    "reportedAt" TIMESTAMP(3),
    "desiredRevision" INTEGER NOT NULL DEFAULT 0,
    "desiredDigest" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "Agent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "EnrolmentToken" (
    "id" TEXT NOT NULL,
    "secretHash" TEXT NOT NULL,
    "officeId" TEXT NOT NULL,
    "uses" INTEGER NOT NULL,
    "used" INTEGER NOT NULL DEFAULT 0,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "revokedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "EnrolmentToken_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SigningKey" (
    "key" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retiredAt" TIMESTAMP(3),

    CONSTRAINT "SigningKey_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "Sample" (
    "agentId" TEXT NOT NULL,
    "folderId" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "intervalMs" INTEGER NOT NULL,
    "fromPeers" BIGINT NOT NULL,
    "fromOrigin" BIGINT NOT NULL,
    "fromLocal" BIGINT NOT NULL,
    "served" BIGINT NOT NULL,
    "wasted" BIGINT NOT NULL,

    CONSTRAINT "Sample_pkey" PRIMARY KEY ("agentId","folderId","at")
);

-- CreateTable
CREATE TABLE "SampleMinute" (
    "agentId" TEXT NOT NULL,
    "folderId" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "fromPeers" BIGINT NOT NULL,
    "fromOrigin" BIGINT NOT NULL,
    "fromLocal" BIGINT NOT NULL,
    "served" BIGINT NOT NULL,
    "wasted" BIGINT NOT NULL,

    CONSTRAINT "SampleMinute_pkey" PRIMARY KEY ("agentId","folderId","at")
);

-- CreateTable
CREATE TABLE "SampleHour" (
    "agentId" TEXT NOT NULL,
    "folderId" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "fromPeers" BIGINT NOT NULL,
    "fromOrigin" BIGINT NOT NULL,
    "fromLocal" BIGINT NOT NULL,
    "served" BIGINT NOT NULL,
    "wasted" BIGINT NOT NULL,

    CONSTRAINT "SampleHour_pkey" PRIMARY KEY ("agentId","folderId","at")
);

-- CreateTable
CREATE TABLE "Delivery" (
    "agentId" TEXT NOT NULL,
    "folderId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "fromPeers" BIGINT NOT NULL,
    "fromOrigin" BIGINT NOT NULL,
    "fromLocal" BIGINT NOT NULL,
    "tookMs" INTEGER NOT NULL,

    CONSTRAINT "Delivery_pkey" PRIMARY KEY ("agentId","folderId","seq")
);

-- CreateTable
CREATE TABLE "AgentEvent" (
    "id" TEXT NOT NULL,
    "agentId" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "folderId" TEXT,
    "body" JSONB NOT NULL,

    CONSTRAINT "AgentEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ReportReceipt" (
    "id" TEXT NOT NULL,
    "agentId" TEXT NOT NULL,
    "receivedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ReportReceipt_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RollupMark" (
    "name" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "RollupMark_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_name_key" ON "User"("name");

-- CreateIndex
CREATE UNIQUE INDEX "ApiKey_keyHash_key" ON "ApiKey"("keyHash");

-- CreateIndex
CREATE UNIQUE INDEX "Nextcloud_name_key" ON "Nextcloud"("name");

-- CreateIndex
CREATE UNIQUE INDEX "Folder_name_key" ON "Folder"("name");

-- CreateIndex
CREATE INDEX "FolderOffice_officeId_idx" ON "FolderOffice"("officeId");

-- CreateIndex
CREATE INDEX "FileVersion_folderId_fileId_idx" ON "FileVersion"("folderId", "fileId");

-- CreateIndex
CREATE INDEX "FileVersion_folderId_seq_idx" ON "FileVersion"("folderId", "seq");

-- CreateIndex
CREATE INDEX "FolderBlob_blobId_idx" ON "FolderBlob"("blobId");

-- CreateIndex
CREATE UNIQUE INDEX "Office_name_key" ON "Office"("name");

-- CreateIndex
CREATE INDEX "Agent_officeId_idx" ON "Agent"("officeId");

-- CreateIndex
CREATE UNIQUE INDEX "EnrolmentToken_secretHash_key" ON "EnrolmentToken"("secretHash");

-- CreateIndex
CREATE INDEX "Sample_at_idx" ON "Sample"("at");

-- CreateIndex
CREATE INDEX "SampleMinute_at_idx" ON "SampleMinute"("at");

-- CreateIndex
CREATE INDEX "SampleHour_at_idx" ON "SampleHour"("at");

-- CreateIndex
CREATE INDEX "Delivery_at_idx" ON "Delivery"("at");

-- CreateIndex
CREATE INDEX "Delivery_folderId_seq_idx" ON "Delivery"("folderId", "seq");

-- CreateIndex
CREATE INDEX "AgentEvent_at_idx" ON "AgentEvent"("at");

-- CreateIndex
CREATE INDEX "AgentEvent_agentId_at_idx" ON "AgentEvent"("agentId", "at");

-- CreateIndex
CREATE INDEX "ReportReceipt_receivedAt_idx" ON "ReportReceipt"("receivedAt");

-- AddForeignKey
ALTER TABLE "Session" ADD CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Folder" ADD CONSTRAINT "Folder_nextcloudId_fkey" FOREIGN KEY ("nextcloudId") REFERENCES "Nextcloud"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FolderOffice" ADD CONSTRAINT "FolderOffice_folderId_fkey" FOREIGN KEY ("folderId") REFERENCES "Folder"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FolderOffice" ADD CONSTRAINT "FolderOffice_officeId_fkey" FOREIGN KEY ("officeId") REFERENCES "Office"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "HeadRow" ADD CONSTRAINT "HeadRow_folderId_fkey" FOREIGN KEY ("folderId") REFERENCES "Folder"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Entry" ADD CONSTRAINT "Entry_folderId_fkey" FOREIGN KEY ("folderId") REFERENCES "Folder"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SegmentRow" ADD CONSTRAINT "SegmentRow_folderId_fkey" FOREIGN KEY ("folderId") REFERENCES "Folder"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FileVersion" ADD CONSTRAINT "FileVersion_folderId_fkey" FOREIGN KEY ("folderId") REFERENCES "Folder"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DirectoryMark" ADD CONSTRAINT "DirectoryMark_folderId_fkey" FOREIGN KEY ("folderId") REFERENCES "Folder"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FolderBlob" ADD CONSTRAINT "FolderBlob_folderId_fkey" FOREIGN KEY ("folderId") REFERENCES "Folder"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FolderBlob" ADD CONSTRAINT "FolderBlob_blobId_fkey" FOREIGN KEY ("blobId") REFERENCES "Blob"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "IndexProgress" ADD CONSTRAINT "IndexProgress_folderId_fkey" FOREIGN KEY ("folderId") REFERENCES "Folder"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "IndexProblem" ADD CONSTRAINT "IndexProblem_folderId_fkey" FOREIGN KEY ("folderId") REFERENCES "Folder"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Agent" ADD CONSTRAINT "Agent_officeId_fkey" FOREIGN KEY ("officeId") REFERENCES "Office"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "EnrolmentToken" ADD CONSTRAINT "EnrolmentToken_officeId_fkey" FOREIGN KEY ("officeId") REFERENCES "Office"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

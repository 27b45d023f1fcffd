-- Which roots agents trust, and below which root and intermediate their certificates hang. Empty until an agent says so.
ALTER TABLE "Agent" ADD COLUMN     "certificateIssuer" TEXT,
ADD COLUMN     "certificateRoot" TEXT,
ADD COLUMN     "trustedRoots" TEXT[] DEFAULT ARRAY[]::TEXT[];

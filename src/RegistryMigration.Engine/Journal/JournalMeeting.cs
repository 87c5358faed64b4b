using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>Decides which of a journal's two places is ahead.</summary>
internal static class JournalMeeting
{
    /// <summary>What was found.</summary>
    public enum Outcome
    {
        /// <summary>Both hold the same, or there is no copy to compare with.</summary>
        Same,

        /// <summary>The copy misses what the disk has.</summary>
        DiskAhead,

        /// <summary>The disk misses what the copy has.</summary>
        CopyAhead,
    }

    /// <summary>Compares both places.</summary>
    /// <param name="records">What the disk has.</param>
    /// <param name="snapshot">What the copy has; null where there is none.</param>
    /// <param name="path">The disk's place.</param>
    /// <param name="place">The copy's place.</param>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Conflict"/>: they are about different migrations, or have gone different ways.</exception>
    public static Outcome Of(IReadOnlyList<JournalRecord> records, JournalSnapshot? snapshot, string path, string place)
    {
        if (snapshot is null)
            return Outcome.DiskAhead;
        if (records.Count == 0)
            return Outcome.CopyAhead;
        if (records[0].Migration!.MigrationId != snapshot.Records[0].Migration!.MigrationId)
            throw Refused($"{path} and {place} belong to two migrations of the same name. Give the other journal's place with -JournalPath, or move {path} away to go on with the one in the cluster.");
        var disk = JournalChain.Of(records);
        var common = Math.Min(disk.Head, snapshot.Chain.Head);
        if (disk[common] is null || disk[common] != snapshot.Chain[common])
            throw Refused($"{path} and {place} have gone different ways: two machines worked on this migration without seeing each other's records. Look at both (Get-RegistryMigration with and without -Cluster). The cluster's is as a rule the one to go on with: move {path} away, keep it, and run the same command again. What only this machine did is in the file that you moved.");
        return disk.Head.CompareTo(snapshot.Chain.Head) switch
        {
            > 0 => Outcome.DiskAhead,
            < 0 => Outcome.CopyAhead,
            _ => Outcome.Same,
        };
    }

    private static ClusterException Refused(string message) => new(ClusterErrorKind.Conflict, message);
}

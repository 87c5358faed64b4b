using RegistryMigration.Benchmarks.Contenders;
using RegistryMigration.Benchmarks.Reporting;
using RegistryMigration.Benchmarks.Servers;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Workloads;

/// <summary>All workloads, with who takes part in each and what has to be reached.</summary>
/// <param name="worker">This project's worker.</param>
/// <param name="module">This project's module.</param>
/// <param name="scratch">Where contenders put configuration files.</param>
/// <param name="shape">What becomes of each workload's tree.</param>
internal sealed class WorkloadCatalog(Worker worker, Module module, string scratch, Func<TreeShape, TreeShape> shape)
{
    private const string BySizeOnly = "compares sizes only: a moved tag, whose link has the same size, would not be noticed";

    private static readonly Pair DirectoryToS3 = new(StorageKind.Directory, StorageKind.S3);
    private static readonly Pair DirectoryToSwift = new(StorageKind.Directory, StorageKind.Swift);
    private static readonly Pair S3ToS3 = new(StorageKind.S3, StorageKind.S3);
    private static readonly Pair SwiftToS3 = new(StorageKind.Swift, StorageKind.S3);
    private static readonly Pair DirectoryToDirectory = new(StorageKind.Directory, StorageKind.Directory);

    private static readonly Contender Rclone = new Rclone("");
    private static readonly Contender RcloneByChecksum = new Rclone("--checksum", "--checksum");
    private static readonly Contender RcloneByUploadTime = new Rclone("--update --use-server-modtime", "--update", "--use-server-modtime");
    private static readonly Contender RcloneBySize = new Rclone("--size-only", "--size-only");
    private static readonly Contender RcloneNoHead = new Rclone("--s3-no-head", "--s3-no-head");

    private static readonly LeftOut AwsBetweenServers = new("aws s3 sync, s3cmd", "copy between buckets of one server only, and let that server copy");
    private static readonly LeftOut FromSwift = new("swift, aws s3 sync, s3cmd", "can't copy from Swift to S3 other than by a whole download before the upload");

    private readonly Entry[] _ours = [new(worker), new(module)];

    /// <summary>All of them, in the order of the report.</summary>
    public IReadOnlyList<Workload> All() =>
    [
        new CopyWorkload
        {
            Name = "directory-s3", Pair = DirectoryToS3, Shape = shape(TreeShape.Full),
            Entries = [.. _ours, new(Rclone), new(RcloneNoHead), new(new AwsCli(scratch)), new(new S3Cmd(scratch))],
            Goals = [Goal.Ratio(Metric.Wall, 0.7), Goal.Ratio(Metric.Cpu, 0.5), new Goal(Metric.RequestsPerObject, 1.02)],
        },
        new CopyWorkload
        {
            Name = "directory-s3-big", Pair = DirectoryToS3, Shape = shape(TreeShape.Big),
            Entries =
            [
                .. _ours, new(Rclone), new(RcloneNoHead),
                new(new Rclone("16 MiB × 8", "--s3-chunk-size", "16M", "--s3-upload-concurrency", "8")),
                new(new Rclone("16 MiB × 8 --s3-disable-checksum", "--s3-chunk-size", "16M", "--s3-upload-concurrency", "8", "--s3-disable-checksum"),
                    "stores no checksum of a large object, so that nothing proves the copy later"),
                new(new AwsCli(scratch)), new(new S3Cmd(scratch)),
            ],
            Goals = [Goal.Ratio(Metric.Wall, 1.0), Goal.Ratio(Metric.Cpu, 0.7)],
        },
        new CopyWorkload
        {
            Name = "directory-swift", Pair = DirectoryToSwift, Shape = shape(TreeShape.Full),
            Entries = [.. _ours, new(Rclone), new(new Rclone("--swift-no-large-objects", "--swift-no-large-objects")), new(new SwiftClient(""))],
            Goals = [Goal.Ratio(Metric.Wall, 0.7), Goal.Ratio(Metric.Cpu, 0.4)],
        },
        new CopyWorkload
        {
            Name = "s3-s3", Pair = S3ToS3, Shape = shape(TreeShape.Full),
            Entries =
            [
                .. _ours, new(RcloneByChecksum), new(new Rclone("--checksum --s3-no-head", "--checksum", "--s3-no-head")),
                new(new Rclone("--checksum, 200 at a time", "--checksum", "--transfers", "200", "--checkers", "200")),
            ],
            LeftOut = [AwsBetweenServers],
            Goals = [Goal.Ratio(Metric.Wall, 0.7), Goal.Ratio(Metric.Cpu, 0.6)],
        },
        new CopyWorkload
        {
            Name = "swift-s3", Pair = SwiftToS3, Shape = shape(TreeShape.Full),
            Entries = [.. _ours, new(Rclone), new(RcloneNoHead)],
            LeftOut = [FromSwift],
            Goals = [Goal.Ratio(Metric.Wall, 0.7)],
        },
        new CopyWorkload
        {
            Name = "directory-directory", Pair = DirectoryToDirectory, Shape = shape(TreeShape.Full),
            Entries = [.. _ours, new(new CopyCommand()), new(new CopyCommand(flush: true)), new(Rclone)],
            Goals = [Goal.RatioTo(Metric.Wall, 1.3, "cp -a")],
        },
        SecondPass(DirectoryToS3, "directory-s3", [], new(RcloneByUploadTime), new(new AwsCli(scratch))),
        SecondPass(DirectoryToSwift, "directory-swift", [], new(RcloneByUploadTime), new(new SwiftClient("--changed", "--changed"))),
        SecondPass(S3ToS3, "s3-s3", [AwsBetweenServers], new Entry(RcloneByUploadTime)),
        SecondPass(SwiftToS3, "swift-s3", [FromSwift], new Entry(RcloneByUploadTime)),
        SecondPass(DirectoryToDirectory, "directory-directory", [], new Entry(new CopyCommand("-au"))),
        new ChangeWorkload
        {
            Name = "change-directory-s3", Pair = DirectoryToS3, Shape = shape(TreeShape.Full),
            Entries = [.. _ours, new(Rclone), new(RcloneByChecksum), new(RcloneByUploadTime), new(RcloneBySize, BySizeOnly), new(new AwsCli(scratch))],
            LeftOut = [new("s3cmd", "its only mode that does not read the whole source compares sizes only")],
            Goals = [Goal.Ratio(Metric.Wall, 0.3)],
        },
        new KilledWorkload
        {
            Name = "killed-directory-s3", Pair = DirectoryToS3, Shape = shape(TreeShape.Full),
            Entries = [new(worker), new(Rclone)],
            Goals = [new Goal(KilledWorkload.SentTwice, 0.01)],
        },
        new WindowWorkload
        {
            Name = "window-directory-s3", Pair = DirectoryToS3, Shape = shape(TreeShape.Full),
            Entries = [.. _ours, new(RcloneByChecksum), new(RcloneByUploadTime)],
        },
        new CopyWorkload
        {
            Name = "directory-s3-links", Pair = DirectoryToS3, Shape = shape(TreeShape.Links), IsOptional = true,
            Entries = [new(worker), new(Rclone), new(RcloneNoHead)],
        },
    ];

    private SecondPassWorkload SecondPass(Pair pair, string name, LeftOut[] leftOut, params Entry[] peers)
    {
        string[] safe = [Rclone.Name, RcloneByChecksum.Name, .. peers.Select(peer => peer.Contender).Where(peer => peer.Family == Rclone.Family).Select(peer => peer.Name)];
        return new SecondPassWorkload
        {
            Name = "second-" + name, Pair = pair, Shape = shape(TreeShape.Full),
            Entries = [.. _ours, new(Rclone), new(RcloneByChecksum), new(RcloneBySize, BySizeOnly), .. peers],
            LeftOut = leftOut,
            Goals = [new Goal(Metric.Wall, 0.6, "rclone's best safe mode", safe), Goal.RatioTo(Metric.Wall, 0.1, Rclone.Name)],
        };
    }
}

using RegistryMigration.Engine.Stores.Swift.Transport;

namespace RegistryMigration.Engine.Stores.Swift.LargeObjects;

/// <summary>Sends a segment from memory.</summary>
internal sealed class SegmentUpload(SegmentBuffer segment, StoreTraffic traffic) : UploadContent
{
    protected override long Length => segment.Length;

    protected override async Task CopyAsync(Stream target, CancellationToken cancellationToken)
    {
        foreach (var block in segment.Blocks)
        {
            Watch?.Renew();
            await target.WriteAsync(block, cancellationToken);
            traffic.CountWritten(block.Length);
        }

        Watch?.Renew();
    }
}

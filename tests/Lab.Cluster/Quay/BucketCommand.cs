using System.CommandLine;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace RegistryMigration.Lab.Cluster;

/// <summary><c>bucket</c>: makes a bucket of any user, damages an object in it, and lists what is in it, for scenarios: with none of the product's code.</summary>
internal static class BucketCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var name = new Argument<string>("name");
        var endpoint = new Option<string>("--endpoint") { Required = true };
        var access = new Option<string>("--access-key") { Required = true };
        var secret = new Option<string>("--secret-key") { Required = true };
        var create = new Option<bool>("--create") { Description = "Make it." };
        var damage = new Option<string?>("--damage") { Description = "Turn the bytes of an object around." };
        var command = new Command("bucket", "Lists the keys of a bucket, in order.") { name, endpoint, access, secret, create, damage };
        command.SetAction(async (arguments, _) =>
        {
            var bucket = arguments.GetRequiredValue(name);
            using var client = new AmazonS3Client(arguments.GetRequiredValue(access), arguments.GetRequiredValue(secret), new AmazonS3Config { ServiceURL = arguments.GetRequiredValue(endpoint), ForcePathStyle = true, AuthenticationRegion = "us-east-1", RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED });
            if (arguments.GetValue(create))
                await client.PutBucketAsync(bucket, cancellationToken);
            if (arguments.GetValue(damage) is { } key)
                await DamageAsync(client, bucket, key, cancellationToken);
            for (var request = new ListObjectsV2Request { BucketName = bucket }; request is not null;)
            {
                var page = await client.ListObjectsV2Async(request, cancellationToken);
                foreach (var item in page.S3Objects ?? [])
                    Console.WriteLine(item.Key);
                request.ContinuationToken = page.NextContinuationToken;
                if (page.IsTruncated != true)
                    break;
            }
        });
        return command;
    }

    // The size stays, so that only those notice who hash.
    private static async Task DamageAsync(AmazonS3Client client, string bucket, string key, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        using (var answer = await client.GetObjectAsync(bucket, key, cancellationToken))
            await answer.ResponseStream.CopyToAsync(content, cancellationToken);
        using var turned = new MemoryStream([.. content.ToArray().Reverse()]);
        await client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, InputStream = turned, UseChunkEncoding = false }, cancellationToken);
    }
}

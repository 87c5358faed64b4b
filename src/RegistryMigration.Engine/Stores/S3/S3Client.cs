using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;
using Amazon.S3.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>The SDK's client, which takes the digest of an upload from its <see cref="RequestBody"/> instead of reading the bytes for it.</summary>
internal sealed class S3Client : AmazonS3Client
{
    public S3Client(AmazonS3Config config)
        : base(config)
    {
    }

    public S3Client(AWSCredentials credentials, AmazonS3Config config)
        : base(credentials, config)
    {
    }

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        pipeline.AddHandlerBefore<Signer>(new PayloadDigestHandler());
    }

    private sealed class PayloadDigestHandler : PipelineHandler
    {
        public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            var stream = executionContext.RequestContext.OriginalRequest switch
            {
                PutObjectRequest put => put.InputStream,
                UploadPartRequest part => part.InputStream,
                _ => null,
            };
            if (stream is RequestBody body)
                executionContext.RequestContext.Request.PrecomputedContentSha256 = body.Sha256;
            return base.InvokeAsync<T>(executionContext);
        }
    }
}

using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Util;
using Amazon.S3;

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
            // Where an upload's body is one of ours, below what the SDK wraps around it while it marshals.
            var request = executionContext.RequestContext.Request;
            if (WrapperStream.SearchWrappedStream(request.ContentStream, static stream => stream is RequestBody) is RequestBody body)
            {
                request.PrecomputedContentSha256 = body.Sha256;
                // The SDK takes a stream that can't be rewound for one that has to be signed in chunks, whatever it was told.
                request.UseChunkEncoding = false;
            }

            return base.InvokeAsync<T>(executionContext);
        }
    }
}
